/** Reads a file of FAQs as text, whatever program wrote it. */

const MAX_BYTES = 8_000_000;

/** Returns the text. Throws an Error whose message is the key of a sentence. */
export async function readText(file) {
  if (file.size > MAX_BYTES) throw new Error("too_large");
  const bytes = new Uint8Array(await file.arrayBuffer());
  const text = decoded(bytes);
  if (text.includes("\0")) throw new Error("unreadable");
  return text.replace(/^\ufeff/, "");
}

function decoded(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // Excel on Windows saves CSV in the machine's own code page.
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
