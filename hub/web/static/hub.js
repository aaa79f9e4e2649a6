// The desk works without script; these modules make it faster and keep it live.
import "./page.js";
import "./keys.js";
import "./live.js";
