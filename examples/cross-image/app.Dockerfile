ARG BASE=busybox
FROM ${BASE}
COPY sorted.txt /sorted.txt
CMD ["cat", "/sorted.txt"]
