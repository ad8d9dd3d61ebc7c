const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 §6. */
export function base32Encode(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(held >> bits) & 31] ?? '';
    }
  }
  if (bits > 0) text += alphabet[(held << (5 - bits)) & 31] ?? '';
  return text.padEnd(Math.ceil(text.length / 8) * 8, '=');
}

/** The text, or what is wrong with its encoding, as sprig gives it. */
export function base32Decode(encoded: string): string {
  const plain = encoded.replace(/[\r\n]/g, '');
  if (!/^(?:[A-Z2-7]{8})*(?:[A-Z2-7]{2}={6}|[A-Z2-7]{4}={4}|[A-Z2-7]{5}={3}|[A-Z2-7]{7}=)?$/.test(plain)) {
    const wrong = /[^A-Z2-7]/.exec(plain)?.index ?? plain.length - (plain.length % 8);
    return `illegal base32 data at input byte ${wrong}`;
  }
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const char of plain.replace(/=+$/, '')) {
    held = ((held << 5) | alphabet.indexOf(char)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 255);
  }
  return Buffer.from(bytes).toString();
}
