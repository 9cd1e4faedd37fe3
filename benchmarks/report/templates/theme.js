"use strict";
// Before anything is drawn, so that a page that was left dark does not flash.
try { const kept = localStorage.getItem("catnocat-theme"); if (kept) document.documentElement.dataset.theme = kept; } catch { /* no storage: the system's choice */ }
