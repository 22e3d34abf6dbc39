/** Reads what a person picks or records into what the sandbox takes: its bytes in base64, its type and its name. */

const MOST_BYTES = 16 * 1024 * 1024;
const LARGE_PICTURE = 1024 * 1024;
const LONGEST_SIDE = 1600;
const KINDS = { image: /^image\/(jpeg|png|webp)$/u, audio: /^audio\//u, video: /^video\//u };

/** A file cannot be attached; its message is the key of a sentence. */
export class NoFile extends Error {}

/**
 * Returns what is posted of a file ({type, content, mime_type?, filename?}) and what is shown until it has arrived
 * ({type, media}). Rejects with NoFile.
 */
export async function packed(picked) {
  const type = kindOf(picked);
  const file = type === "image" && picked.size > LARGE_PICTURE ? await smaller(picked) : picked;
  if (file.size > MOST_BYTES) throw new NoFile("tooLarge");
  const url = await dataUrl(file);
  const about = { ...(file.type && { mime_type: file.type.replace(/;\s*/u, "; ") }), ...(picked.name && { filename: picked.name }) };
  return { posted: { type, content: url.slice(url.indexOf(",") + 1), ...about }, shown: { type, media: { ...about, url } } };
}

function kindOf(file) {
  const type = file.type.split(";")[0];
  return Object.keys(KINDS).find((kind) => KINDS[kind].test(type)) ?? "document";
}

// WhatsApp too makes large pictures smaller before they leave.
async function smaller(file) {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return await canvas.convertToBlob({ type: "image/jpeg", quality: 0.85 });
  } catch {
    throw new NoFile("cannotRead");
  }
}

function dataUrl(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => (file.size > 0 ? resolve(reader.result) : reject(new NoFile("cannotRead"))));
    reader.addEventListener("error", () => reject(new NoFile("cannotRead")));
    reader.readAsDataURL(file);
  });
}
