// What Debian has as CommonJS; esbuild makes one module of it, so that the hook and the renderer share one React.
export { createElement, useEffect, useState } from "react";
export { createRoot } from "react-dom/client";
