// A scanner types like a keyboard, only faster than hands, and ends with Enter: what it types anywhere opens that code.
import { enter, sheet } from "./enter.js";

const FAST_MS = 50;
const LEAST = 6;
const SAME_MS = 1500; // a camera sees a code many times before it is taken away
let [burst, last, field, before] = ["", 0, null, ""];

const open = code => (sheet() ? enter(code) : location.assign(`/scan?code=${encodeURIComponent(code)}`));
const isText = node => node.matches?.("input:not([type=radio], [type=checkbox]), textarea");

addEventListener("keydown", event => {
  if (event.timeStamp - last > FAST_MS) [burst, field, before] = ["", event.target, event.target.value];
  last = event.timeStamp;
  if (field?.matches?.("[data-takes-scan]")) return; // a serial number is scanned where it belongs
  if (event.key === "Enter" && burst.length >= LEAST) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (isText(field)) field.value = before; // what the scanner typed there was not meant for it
    open(burst);
    burst = "";
  } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
    if (burst && !isText(event.target)) event.stopImmediatePropagation(); // no letter of a code is a shortcut
    burst += event.key;
  }
}, true);

async function look() {
  const dialog = document.createElement("dialog");
  const video = Object.assign(document.createElement("video"), { playsInline: true, muted: true });
  const close = Object.assign(document.createElement("button"), { className: "button", textContent: "Close", type: "button" });
  const said = Object.assign(document.createElement("p"), { textContent: "Hold the barcode before the camera" });
  dialog.className = "camera";
  dialog.append(video, said, close);
  document.body.append(dialog);
  let stream;
  dialog.addEventListener("close", () => (stream?.getTracks().forEach(track => track.stop()), dialog.remove()));
  close.addEventListener("click", () => dialog.close());
  dialog.showModal();
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.srcObject = stream;
    await video.play();
    const detector = new BarcodeDetector();
    for (let seen = ["", 0]; dialog.open; await new Promise(resolve => setTimeout(resolve, 150))) {
      const [found] = await detector.detect(video);
      if (found && !sheet()) return (dialog.close(), open(found.rawValue));
      if (!found || (found.rawValue === seen[0] && performance.now() - seen[1] < SAME_MS)) continue;
      seen = [found.rawValue, performance.now()];
      said.textContent = `${found.rawValue} entered. Hold the next one before the camera`;
      open(found.rawValue);
    }
  } catch (error) {
    said.textContent = `The camera cannot be used (${error.name}): allow it for this page, or type the barcode.`;
  }
}

if ("BarcodeDetector" in window && navigator.mediaDevices?.getUserMedia) {
  for (const button of document.querySelectorAll("[data-camera]")) {
    button.hidden = false;
    button.setAttribute("data-keep", "");
    button.addEventListener("click", look);
  }
}
