/** The page's sentences, in the language that the server chose. */

const { say: SENTENCES, problems: PROBLEMS, example: EXAMPLE } = JSON.parse(document.getElementById("sentences").textContent);

export { EXAMPLE };

/** Returns a sentence with its `{places}` filled. */
export const say = (key, values = {}) => filled(SENTENCES[key], values);

/** Returns the sentence for one or for many. */
export const sayCount = (key, count) => say(`${key}_${count === 1 ? "one" : "many"}`, { count });

/** Returns what is wrong on a line, as the server named it. */
export const sayProblem = (error) => (error.problem in PROBLEMS ? filled(PROBLEMS[error.problem], error) : error.message);

const filled = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
