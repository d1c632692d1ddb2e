// Opening the roll works without network; closing asks first for what is unsent, unsettled, uncalled.
import { afterTap, sender, unsent } from "./device.js";
import { ask, cancel, find } from "./dom.js";
import { wishOpen } from "./queue.js";
import { t } from "./words.js";

export function watchOpening(root, roll, draw) {
  find("#opening")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    await wishOpen(roll.where.key, true);
    await roll.reload();
    draw();
    afterTap();
  });
}

export function watchClosing(root, roll, viewOf) {
  const form = find("#closing");
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!(await everythingSent()) || !(await settled(roll, viewOf))) return;
    const answer = await decide(roll.summary().not_called);
    if (!answer) return;
    find("[name=rest_absent]").checked = answer === "rest";
    form.submit();
  });
}

async function everythingSent() {
  await sender.retry();
  const held = await unsent();
  const left = held.pending + held.openings;
  if (!left && navigator.onLine) return true;
  const words = left
    ? t("Chưa khóa được: còn {n} lượt chưa gửi. Khóa điểm danh cần có mạng.", { n: left })
    : t("Khóa điểm danh cần có mạng.");
  await ask(words, [["", t("Đã hiểu"), "main"]]);
  return false;
}

async function settled(roll, viewOf) {
  const unclear = [...roll.people.values()].filter(({ no }) => viewOf(no).rivals.length);
  if (!unclear.length) return true;
  await ask(t("Còn {n} đồng chí được ghi khác nhau. Xin chọn một kết quả cho từng người.", { n: unclear.length }), [
    ["", t("Xem"), "main"],
  ]);
  unclear[0].row.scrollIntoView({ block: "center" });
  return false;
}

function decide(left) {
  if (!left) {
    const words = t("Khóa điểm danh? Sau khi khóa, muốn sửa phải ghi lý do.");
    return ask(words, [["lock", t("Khóa điểm danh"), "main"], cancel()]);
  }
  return ask(t("Còn {n} đồng chí chưa gọi.", { n: left }), [
    ["", t("Quay lại gọi tiếp"), "main"],
    ["rest", t("Ghi {n} đồng chí vắng không lý do, rồi khóa", { n: left }), "danger"],
  ]);
}
