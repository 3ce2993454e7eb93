// The component for React.

import { EmbarkSignup } from "embark-signup/react";
import type { EmbarkSignupProps } from "embark-signup/react";
import { useRef } from "react";

const onConnected: EmbarkSignupProps["onConnected"] = ({ phone_number_id }) => console.log(phone_number_id);

export function Connect() {
  const element = useRef<HTMLElement>(null);
  const edge = "https://signup.partner.example";
  return (
    <>
      <EmbarkSignup
        ref={element}
        edge={edge}
        site="acme"
        size="large"
        prefill={{ business_name: "Lucky Shrub" }}
        className="connect"
        style={{ maxWidth: 400 }}
        onConnected={onConnected}
        onNeedsInput={({ kind }) => kind satisfies string}
        onProgress={({ steps }, event) => console.log(steps.length, event.target)}
        onClick={(event) => event.preventDefault()}
      >
        <a href="https://signup.partner.example/go/acme">Connect WhatsApp</a>
      </EmbarkSignup>
      {/* @ts-expect-error The address is required. */}
      <EmbarkSignup site="acme" />
      {/* @ts-expect-error The site is required. */}
      <EmbarkSignup edge={edge} />
      {/* @ts-expect-error An unknown size. */}
      <EmbarkSignup edge={edge} site="acme" size="huge" />
      {/* @ts-expect-error No event has a token. */}
      <EmbarkSignup edge={edge} site="acme" onConnected={({ token }) => console.log(token)} />
    </>
  );
}
