import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Socket } from 'node:net';

/** The head of a request comes in so long; what it brings may take as long as it takes. */
const longestHeadMs = 30_000;

/** First byte of a TLS record that begins a handshake (RFC 8446 §5.1). */
const tlsHandshake = 0x16;

/**
 * One port for TLS and plain HTTP: the first byte of a connection tells which. Docker tries TLS first
 * with a registry on loopback, BuildKit speaks plain HTTP to `localhost`, az insists on TLS.
 */
export function createEitherServer(
  handler: RequestListener,
  tls: { certPem: string; keyPem: string },
  headMs = longestHeadMs,
) {
  const times = {
    requestTimeout: 0,
    headersTimeout: headMs,
    connectionsCheckingInterval: headMs,
    keepAliveTimeout: 60_000,
  };
  const plain = createHttpServer(times, handler);
  const secure = createHttpsServer(
    { ...times, cert: tls.certPem, key: tls.keyPem, handshakeTimeout: headMs },
    handler,
  );
  // Node looks for slow heads from when a server listens on; these two are given their connections.
  for (const server of [plain, secure]) server.emit('listening');
  const sockets = new Set<Socket>();
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(10_000, () => socket.destroy()); // for those who connect and say nothing
    socket.once('readable', () => {
      const first = socket.read(1) as Buffer | null;
      if (first === null) return socket.destroy();
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      socket.unshift(first);
      (first[0] === tlsHandshake ? secure : plain).emit('connection', socket);
    });
  });
  return {
    listener,
    closeConnections: () => {
      for (const server of [plain, secure]) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
