/** Builds elements; text only ever becomes text nodes, so that what people write can never become markup. */

/** Returns a new element: attributes whose value is null or false are left out, functions listen to the event of that name. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") made.addEventListener(name, value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Returns a button with a visible or spoken label; it never submits a form. */
export function button(attributes, ...children) {
  return element("button", { type: "button", ...attributes }, ...children);
}

/** Returns true when the page is shown on a telephone's own screen. */
export const onSmallScreen = () => matchMedia("(max-width: 720px), (max-height: 480px)").matches;

/** Returns true when Enter should send: a person with a mouse has a keyboard with Shift. */
export const hasKeyboard = () => matchMedia("(hover: hover) and (pointer: fine)").matches;
