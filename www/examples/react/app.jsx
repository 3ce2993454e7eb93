// The custom element starts when React mounts it and removes everything when React unmounts it.

import { useCallback, useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";

function ConnectWhatsApp({ site, onConnected }) {
  const element = useRef(null);
  useEffect(() => {
    const { current } = element;
    const listener = (event) => onConnected(event.detail);
    current.addEventListener("embark:connected", listener);
    return () => current.removeEventListener("embark:connected", listener);
  }, [onConnected]);
  return <embark-signup ref={element} data-site={site} />;
}

function Settings() {
  const [shown, show] = useState(true);
  const [number, setNumber] = useState("none");
  const connected = useCallback((detail) => setNumber(detail.display_phone_number), []);
  return (
    <main>
      <h1>Messages</h1>
      <button id="toggle" onClick={() => show(!shown)}>
        {shown ? "Hide" : "Show"}
      </button>
      {shown && <ConnectWhatsApp site="acme" onConnected={connected} />}
      <p>
        Connected number: <output id="number">{number}</output>
      </p>
    </main>
  );
}

createRoot(document.getElementById("root")).render(<Settings />);
