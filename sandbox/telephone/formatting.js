/** Turns the marks people type on a telephone (*bold*, _italic_, ~strike~, `mono`) and links into text nodes and plain elements. */

import { element } from "./dom.js";

const MARKS = [
  { find: /```([\s\S]+?)```/u, tag: "code", plain: true },
  { find: /(?<![\p{L}\p{N}`])`([^`\n]+)`(?![\p{L}\p{N}`])/u, tag: "code", plain: true },
  { find: /(?<![\p{L}\p{N}*])\*(?!\s)([^*\n]+)(?<!\s)\*(?![\p{L}\p{N}*])/u, tag: "strong" },
  { find: /(?<![\p{L}\p{N}_])_(?!\s)([^_\n]+)(?<!\s)_(?![\p{L}\p{N}_])/u, tag: "em" },
  { find: /(?<![\p{L}\p{N}~])~(?!\s)([^~\n]+)(?<!\s)~(?![\p{L}\p{N}~])/u, tag: "s" },
  { find: /(?<![\p{L}\p{N}])(https?:\/\/[^\s<>"]+)/iu, tag: "a" },
];
const AFTER_LINK = /[.,;:!?'*_~)\]}»]+$/u;
const FEW_EMOJI = /^(?:\p{RI}\p{RI}|\p{Extended_Pictographic}[\u{1F3FB}-\u{1F3FF}\uFE0F]*(?:\u200D\p{Extended_Pictographic}[\u{1F3FB}-\u{1F3FF}\uFE0F]*)*){1,3}$/u;

/** Returns nodes for a message's text; only http and https addresses become links. */
export function formatted(text) {
  const nodes = [];
  let rest = text;
  for (let next = firstMark(rest); next !== null; next = firstMark(rest)) {
    if (next.index > 0) nodes.push(rest.slice(0, next.index));
    const { node, length } = marked(next);
    nodes.push(node);
    rest = rest.slice(next.index + length);
  }
  if (rest !== "") nodes.push(rest);
  return nodes;
}

/** Returns the text without its marks, for a preview of one line. */
export function unmarked(text) {
  return formatted(text).map((node) => (typeof node === "string" ? node : node.textContent)).join("").replace(/\s+/gu, " ");
}

/** Returns true for one to three emoji and nothing else, which are shown large. */
export const isFewEmoji = (text) => FEW_EMOJI.test(text.trim());

function firstMark(text) {
  let first = null;
  for (const mark of MARKS) {
    const match = mark.find.exec(text);
    if (match !== null && (first === null || match.index < first.index)) first = { index: match.index, match, mark };
  }
  return first;
}

function marked({ match, mark }) {
  if (mark.tag === "a") return link(match[0]);
  const inside = mark.plain ? [match[1]] : formatted(match[1]);
  return { node: element(mark.tag, {}, ...inside), length: match[0].length };
}

function link(written) {
  let address = written.replace(AFTER_LINK, "");
  if (address.includes("(") && written.startsWith(`${address})`)) address += ")";
  if (!URL.canParse(address)) return { node: written, length: written.length };
  const node = element("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, address);
  return { node, length: address.length };
}
