/** The bytes that a text stands for. @param length how many */
export function decodeBase64(text: string, length: number): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = binary.charCodeAt(i);
  return out;
}
