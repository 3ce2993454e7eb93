// The component under StrictMode, which runs each effect twice.

import { EmbarkSignup } from "embark-signup/react";
import { StrictMode, useEffect, useRef, useState, version } from "react";
import { createRoot } from "react-dom/client";
import { receive } from "./received.js";

window.react = { version };

function Settings() {
  const [shown, show] = useState(true);
  const [rendering, render] = useState(1);
  const element = useRef(null);
  useEffect(() => {
    document.getElementById("toggle").onclick = () => show(!shown);
    Object.assign(window.react, { render, rendering, ref: element.current?.localName });
  });
  const listener = (name) => (detail, event) => {
    // Which rendering the called listener is of.
    window.react.called = rendering;
    receive(name, detail, event);
  };
  if (!shown) return null;
  return (
    <EmbarkSignup
      ref={element}
      edge="https://signup.partner.example"
      site="acme"
      className="connect"
      style={{ maxWidth: 500 }}
      onReady={listener("ready")}
      onLaunched={listener("launched")}
      onProgress={listener("progress")}
      onNeedsInput={listener("needsinput")}
      onConnected={listener("connected")}
      onCancelled={listener("cancelled")}
      onFailed={listener("failed")}
    >
      <a href="https://signup.partner.example/go/acme">Connect</a>
    </EmbarkSignup>
  );
}

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <Settings />
  </StrictMode>,
);
