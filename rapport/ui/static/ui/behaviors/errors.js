// After a form was refused, begin at the list of what to correct.
import { whenever } from "./whenever.js";

whenever("[data-error-summary]", (summary) => summary.focus());
