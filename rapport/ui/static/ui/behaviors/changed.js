// data-changed-rows="<ids>": rows that are not what the page shows any more get a mark; what they show stays as it is.
import { whenever } from "./whenever.js";

whenever("[data-changed-rows]", (element) => {
  for (const id of element.dataset.changedRows.split(" ")) {
    const row = document.querySelector(`[data-rows] .row-link[href*="${CSS.escape(id)}"]`)?.closest("tr");
    row?.classList.add("changed");
    row?.querySelector(".row-link")?.setAttribute("title", element.dataset.said);
  }
});
