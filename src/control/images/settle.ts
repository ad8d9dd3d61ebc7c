/** An image that is pushed several times in a row is looked at when nothing came for so long. */
export const settleMs = 2000;

/** And after so long at the latest. */
export const longestSettleMs = 10_000;
