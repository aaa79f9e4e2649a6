// Tick all that is shown at once, and say how many are ticked.
const of = name => [...document.querySelectorAll(`main input[name=${name}]`)];

function tell() {
  for (const all of document.querySelectorAll("main [data-all]")) {
    const [boxes, name] = [of(all.dataset.all), all.dataset.all];
    const ticked = boxes.filter(box => box.checked).length;
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    const count = document.querySelector(`main [data-count=${name}]`);
    if (count) count.textContent = ticked ? `${ticked} ticked` : "Tick what is right";
  }
}

addEventListener("change", event => {
  const name = event.target.dataset?.all;
  if (name) for (const box of of(name)) box.checked = event.target.checked;
  tell();
});
