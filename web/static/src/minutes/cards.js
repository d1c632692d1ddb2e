// A photographed page as a card: how it looks, what is wrong with it, what can be done.
import { make } from "../dom.js";
import { t } from "../words.js";

const ADVICE = {
  blurred: "Trang {n} bị mờ: xin chụp lại, giữ máy yên.",
  dark: "Trang {n} quá tối: xin bật đèn hoặc ra chỗ sáng rồi chụp lại.",
  glare: "Trang {n} bị chói: xin nghiêng giấy hoặc tránh đèn rồi chụp lại.",
  cut: "Trang {n} có góc nằm ngoài ảnh: xin chụp lại, lùi máy ra để thấy cả tờ giấy.",
  no_sheet: "Chưa thấy mép giấy ở trang {n}: cả tấm ảnh sẽ được gửi. Có thể bấm Sửa để tự kéo khung.",
};
const STATES = {
  draft: ["○", "chưa gửi"],
  pending: ["◔", "chờ gửi"],
  sending: ["◔", "đang gửi"],
  safe: ["✓", "đã an toàn"],
  refused: ["✕", "không được nhận"],
};
const KB = 1000;

const pictures = new Map();

/** The address of a page's small picture; the one before it is given back. */
function pictureOf({ id, thumb, version = 0 }) {
  const known = pictures.get(id);
  if (known?.version === version) return known.address;
  if (known) URL.revokeObjectURL(known.address);
  const address = URL.createObjectURL(thumb);
  pictures.set(id, { version, address });
  return address;
}

/** Whether something is wrong with a picture that another photograph may put right. */
export const toRetake = ({ status, faults = [] }) => status === "draft" && faults.some((fault) => fault !== "no_sheet");

/** page: as readDesk gives it; n: its number from 1; count: of how many; sending: whether it is on its way now. */
export function card(page, n, count, sending) {
  const state = sending && page.status === "pending" ? "sending" : page.status;
  return make(
    "li",
    { class: "sheet", "data-page": page.id, "data-s": state },
    looks(page, n),
    make("div", {}, make("h2", {}, t("Trang {n}", { n })), stateLine(page, state), make("p", { class: "muted" }, size(page))),
    make("div", { class: "say" }, ...warnings(page, n)),
    actions(page, n, count),
  );
}

function looks(page, n) {
  if (page.thumb) return make("img", { src: pictureOf(page), alt: t("Ảnh trang {n}", { n }) });
  return make("p", { class: "plain-file" }, page.name || t("Tệp"));
}

function stateLine(page, state) {
  const [sign, words] = page.status === "draft" && !page.made ? ["…", "đang xem ảnh"] : STATES[state];
  return make("p", { class: "st", "data-s": state }, make("i", { "aria-hidden": "true" }, sign), " ", t(words));
}

function size({ size: bytes, small, made, status }) {
  if (status === "safe" || !made) return "";
  return t("{n} KB", { n: Math.ceil((status === "draft" && small ? small : bytes) / KB) });
}

function warnings(page, n) {
  const found = [];
  if (page.status === "refused") found.push(warning("bad", page.refusal || t("Máy chủ không nhận trang này.")));
  if (page.status === "draft" || page.status === "refused") {
    for (const fault of page.faults ?? []) found.push(warning(fault === "no_sheet" ? "info" : "warn", t(ADVICE[fault], { n })));
  }
  if (page.same) found.push(doubled(page.same, n));
  return found;
}

function doubled({ how, url, decide, decided }, n) {
  const words =
    how === "looks"
      ? t("Trang {n} trông giống một trang đã gửi trước đây.", { n })
      : t("Trang {n} giống hệt một trang đã gửi trước đây.", { n });
  const told = { kept: t("Đã chọn giữ cả hai."), dropped: t("Đã chọn bỏ trang này.") }[decided] ?? "";
  const links = [make("a", { href: url }, t("Xem biên bản đã gửi"))];
  if (decide) links.push(" · ", make("a", { href: decide }, decided ? t("Chọn lại") : t("Chọn giữ hay bỏ")));
  return warning(decided ? "info" : "warn", `${words} ${told} `, ...links);
}

/** kind: "bad" | "warn" | "info". */
export function warning(kind, ...words) {
  const sign = { bad: "✕", warn: "!", info: "i" }[kind];
  return make("p", { class: `note ${kind}` }, make("i", { "aria-hidden": "true" }, sign), make("span", {}, ...words));
}

function actions(page, n, count) {
  const button = (act, words, label, more = {}) =>
    make("button", { type: "button", class: "btn", "data-do": act, "aria-label": label, ...more }, words);
  const order = [
    button("up", "↑", t("Đưa trang {n} lên trước", { n }), { disabled: n === 1 }),
    button("down", "↓", t("Đưa trang {n} xuống sau", { n }), { disabled: n === count }),
  ];
  const retake = button("retake", t("Chụp lại"), t("Chụp lại trang {n}", { n }));
  const own = {
    draft:
      page.plain || !page.made
        ? [button("remove", t("Xóa"), t("Xóa trang {n}", { n }))]
        : [...(toRetake(page) ? [retake] : []), button("edit", t("Sửa"), t("Sửa trang {n}", { n }))],
    refused: [
      retake,
      button("remove", t("Xóa"), t("Xóa trang {n}", { n })),
    ],
  }[page.status];
  return make("div", { class: "tools" }, ...(own ?? []), ...(count > 1 ? order : []));
}
