// Times in the reader's own zone, and ages that keep moving; the same words as format.py.
const SHORT = { day: "numeric", month: "short" };
const FULL = { dateStyle: "medium", timeStyle: "medium" };
const locale = navigator.language;
const write = (moment, options) => new Intl.DateTimeFormat(locale, options).format(moment);

function ageOf(moment) {
  const seconds = (Date.now() - moment) / 1000;
  if (seconds > 14 * 86400) return write(moment, SHORT);
  if (seconds < 10) return "now";
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 2 * 86400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

const clockTime = moment => write(moment, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const put = (node, text) => node.textContent === text || (node.textContent = text);

export function tellTimes() {
  for (const node of document.querySelectorAll("time[datetime]")) {
    const moment = new Date(node.dateTime);
    if ("age" in node.dataset) put(node, ageOf(moment));
    else if ("when" in node.dataset) put(node, `${write(moment, SHORT)}, ${clockTime(moment)}`);
    else put(node, clockTime(moment));
    const title = write(moment, FULL);
    if (node.title !== title) node.title = title;
  }
}

tellTimes();
setInterval(tellTimes, 10_000);
