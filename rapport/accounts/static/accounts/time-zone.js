// Offers the browser's time zone as a hint; it is never filled in without a click.
const hint = document.querySelector("[data-time-zone-hint]");
const field = document.querySelector("[data-time-zone]");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (hint && field && zone) {
  const use = document.createElement("button");
  use.type = "button";
  use.className = "button ghost";
  use.textContent = hint.dataset.use;
  use.addEventListener("click", () => {
    field.value = zone;
    field.focus();
  });
  hint.append(hint.dataset.text.replace("{zone}", zone), " ", use);
  field.closest(".field").append(hint);
  hint.hidden = false;
}
