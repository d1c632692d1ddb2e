// Interface words. The source language is Vietnamese; a page in another language carries a
// JSON block whose keys are the Vietnamese sentences, as in a gettext catalogue.

let catalogue;

export function t(sentence, values = {}) {
  catalogue ??= JSON.parse(globalThis.document?.getElementById("words")?.textContent || "{}");
  const text = catalogue[sentence] || sentence;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export const SYMBOLS = {
  present: "✓",
  late: "◔",
  absent_excused: "✉\ufe0e", // text form: some phones draw the bare sign as a picture
  absent_unexcused: "✕",
  exempt: "⊘",
  not_called: "○",
};

const WORDS = {
  present: "có mặt",
  late: "đến muộn",
  absent_excused: "vắng có lý do",
  absent_unexcused: "vắng không lý do",
  exempt: "miễn sinh hoạt",
  not_called: "chưa gọi",
};

export const word = (state) => t(WORDS[state]);
export const chip = (state) => `${SYMBOLS[state]} ${word(state)}`;

/** "118/123 = 95,9 %", rounded half up in whole numbers as on the server; null without a base. */
export function rate({ attending, base }) {
  if (!base) return null;
  const tenths = Math.floor((2000 * attending + base) / (2 * base));
  return `${attending}/${base} = ${Math.floor(tenths / 10)},${tenths % 10}\u00a0%`;
}
