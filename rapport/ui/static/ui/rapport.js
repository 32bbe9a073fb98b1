// Every behavior of the pages, one file each. Without this script all pages read and all forms send.
import "./behaviors/csrf.js";
import "./behaviors/dialogs.js";
import "./behaviors/recent.js";
import "./behaviors/palette.js";
import "./behaviors/keys.js";
import "./behaviors/toasts.js";
import "./behaviors/errors.js";
import "./behaviors/theme.js";
import "./behaviors/selection.js";
import "./behaviors/copy.js";
import "./behaviors/times.js";
import "./behaviors/poll.js";
import "./behaviors/once.js";
import "./behaviors/drop.js";
import "./behaviors/in_place.js";
import "./behaviors/paste.js";
import "./behaviors/peek.js";
