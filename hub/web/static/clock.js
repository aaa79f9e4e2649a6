// Times in the reader's own zone, and ages that keep moving; the same words as format.py.
const DAY = { day: "numeric", month: "short" };
const HOUR = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const FULL = { dateStyle: "medium", timeStyle: "medium" };
const write = (moment, options) => new Intl.DateTimeFormat(navigator.language, options).format(moment);
const STEPS = [[2 * 86400, 86400, "d"], [3600, 3600, "h"], [60, 60, "min"], [10, 1, "s"]];

function ageOf(moment) {
  const gone = (Date.now() - moment) / 1000;
  if (gone > 14 * 86400) return write(moment, DAY);
  const step = STEPS.find(([least]) => gone >= least);
  return step ? `${Math.floor(gone / step[1])} ${step[2]}` : "now";
}

export function tellTimes() {
  for (const node of document.querySelectorAll("time[datetime]")) {
    const moment = new Date(node.dateTime);
    const when = "when" in node.dataset ? `${write(moment, DAY)}, ${write(moment, HOUR)}` : write(moment, HOUR);
    const text = "age" in node.dataset ? ageOf(moment) : when;
    if (node.textContent !== text) node.textContent = text;
    node.title = write(moment, FULL);
  }
}

tellTimes();
setInterval(tellTimes, 10_000);
