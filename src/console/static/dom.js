/** Builds elements; text only ever becomes text nodes, so that what people paste can never become markup. */

/** Returns a new element; attributes that are false are left out, functions listen to the event of that name. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child));
  return made;
}

/** Returns the element of that id, or null. */
export const byId = (id) => document.getElementById(id);
