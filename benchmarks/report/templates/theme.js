"use strict";
// Runs before the first paint, so that a dark page does not flash.
try { const kept = localStorage.getItem("catnocat-theme"); if (kept) document.documentElement.dataset.theme = kept; } catch { /* without storage: the system setting */ }
