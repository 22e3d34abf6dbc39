/** Listens to what happens in the sandbox, for as long as the page is open, across lost connections. */

const KINDS = ["message", "status", "typing", "reaction", "customer", "number"];
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 8000;

/**
 * Calls hear(kind, data) for each event, connected(again) when the line is up (again: after it was lost) and lost() when it breaks.
 * The browser resumes a broken line by itself with Last-Event-ID; a line that the server refused is opened anew.
 */
export function listen({ hear, connected, lost }) {
  let line = null;
  let wait = FIRST_WAIT;
  let timer = null;
  let wasUp = false;

  function open() {
    clearTimeout(timer);
    line?.close();
    line = new EventSource("api/events");
    line.addEventListener("open", () => {
      wait = FIRST_WAIT;
      connected(wasUp);
      wasUp = true;
    });
    line.addEventListener("error", () => {
      lost();
      if (line.readyState === EventSource.CLOSED) later();
    });
    for (const kind of KINDS) line.addEventListener(kind, (event) => hear(kind, JSON.parse(event.data)));
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
