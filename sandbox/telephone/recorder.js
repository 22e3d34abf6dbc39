/** Records a voice note, in a format that WhatsApp knows, where the browser has a microphone and lends it. */

const TYPES = ["audio/ogg;codecs=opus", "audio/mp4;codecs=mp4a.40.2", "audio/mp4;codecs=opus"];

/** Returns true when this browser can record at all; whether it may, only the person says. */
export const canRecord = () => Boolean(navigator.mediaDevices?.getUserMedia) && typeOf() !== undefined;

/** A recording that is under way. */
export class Recording {
  #recorder;
  #stream;
  #parts = [];

  /** Asks for the microphone and begins; rejects when it is not lent. */
  static async begin() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    return new Recording(stream);
  }

  constructor(stream) {
    this.#stream = stream;
    this.#recorder = new MediaRecorder(stream, { mimeType: typeOf(), audioBitsPerSecond: 24_000 });
    this.#recorder.addEventListener("dataavailable", (event) => this.#parts.push(event.data));
    this.#recorder.start();
  }

  /** Ends it and returns the sound as a blob with its type. */
  end() {
    return new Promise((resolve) => {
      this.#recorder.addEventListener("stop", () => {
        this.#release();
        resolve(new Blob(this.#parts, { type: typeOf() }));
      });
      this.#recorder.stop();
    });
  }

  /** Ends it and keeps nothing. Safe to call twice. */
  drop() {
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
    this.#release();
  }

  #release() {
    for (const track of this.#stream.getTracks()) track.stop();
  }
}

function typeOf() {
  return TYPES.find((type) => globalThis.MediaRecorder?.isTypeSupported(type));
}
