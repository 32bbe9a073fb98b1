// What was chosen before htmx heard of choices, or what the browser put back after a step back, is told as if it were chosen now.
import { whenever } from "./whenever.js";

whenever("select[hx-get]", (select) => {
  const given = [...select.options].find((option) => option.defaultSelected) ?? select.options[0];
  if (given && !given.selected) select.dispatchEvent(new Event("change", { bubbles: true }));
});
