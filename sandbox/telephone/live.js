/** Listens to what happens in the sandbox, for as long as the page is open, across lost connections. */

const KINDS = ["message", "status", "typing", "reaction", "customer", "number"];
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 8000;

/**
 * Calls hear(kind, data) for each event and lost() when the line breaks. Whenever it is open, the first time too, it calls
 * catchUp(), which fetches what happened before; then up(). Where that fails, the line is opened anew a little later.
 * The browser resumes a broken line by itself with Last-Event-ID; a line that the server refused is opened anew.
 */
export function listen({ hear, catchUp, up, lost }) {
  let line = null;
  let wait = FIRST_WAIT;
  let timer = null;

  function open() {
    clearTimeout(timer);
    line?.close();
    const opened = new EventSource("api/events");
    line = opened;
    opened.addEventListener("open", () => opening(opened));
    opened.addEventListener("error", () => {
      lost();
      if (opened.readyState === EventSource.CLOSED) later();
    });
    for (const kind of KINDS) opened.addEventListener(kind, (event) => hear(kind, JSON.parse(event.data)));
  }

  async function opening(opened) {
    try {
      await catchUp();
    } catch {
      if (opened === line) giveUp();
      return;
    }
    if (opened !== line || opened.readyState !== EventSource.OPEN) return;
    wait = FIRST_WAIT;
    up();
  }

  function giveUp() {
    line.close();
    lost();
    later();
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(open, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }

  addEventListener("online", open);
  addEventListener("offline", lost);
  addEventListener("pagehide", () => line?.close());
  addEventListener("pageshow", (event) => event.persisted && open());
  open();
}
