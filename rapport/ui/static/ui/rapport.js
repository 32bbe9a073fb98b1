// Every behavior of the pages, one file each. Without this script all pages read and all forms send.
import "./behaviors/csrf.js";
