// Times in the reader's own zone, and ages that keep moving; the same words as format.py.
const DAY = { day: "numeric", month: "short" };
const HOUR = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const FULL = { dateStyle: "medium", timeStyle: "medium" };
const locale = () => document.getElementById("main").dataset.locale || navigator.language;
const write = (moment, options) => new Intl.DateTimeFormat(locale(), options).format(moment);
const two = number => String(number).padStart(2, "0");
const STEPS = [[2 * 86400, 86400, "d"], [3600, 3600, "h"], [60, 60, "min"], [10, 1, "s"]];

function ageOf(moment) {
  const gone = (Date.now() - moment) / 1000;
  if (gone > 14 * 86400) return write(moment, DAY);
  const step = STEPS.find(([least]) => gone >= least);
  return step ? `${Math.floor(gone / step[1])} ${step[2]}` : "now";
}

/** How long until then; where the time is up, what stands beside it says so instead. */
function leftUntil(node, moment) {
  const seconds = Math.max(0, Math.round((moment - Date.now()) / 1000));
  const box = node.closest(".reserved");
  if (box && !seconds) for (const part of box.querySelectorAll(".while, .after")) part.hidden = part.matches(".while");
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)} min`;
  return seconds < 48 * 3600 ? `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min` : `${Math.floor(seconds / 86400)} d`;
}

function countDown() {
  for (const node of document.querySelectorAll("time[data-until]")) {
    const text = leftUntil(node, new Date(node.dateTime));
    if (node.textContent !== text) node.textContent = text;
  }
}

export function tellTimes() {
  countDown();
  for (const node of document.querySelectorAll("time[datetime]:not([data-until])")) {
    const moment = new Date(node.dateTime);
    const when = "when" in node.dataset ? `${write(moment, DAY)}, ${write(moment, HOUR)}` : write(moment, HOUR);
    const text = "age" in node.dataset ? ageOf(moment) : when;
    if (node.textContent !== text) node.textContent = text;
    node.title = write(moment, FULL);
  }
}

tellTimes();
setInterval(tellTimes, 10_000);
setInterval(countDown, 1000);
