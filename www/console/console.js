// htmx parses the console's own pages, which it reads again. Trusted Types
// (https://www.w3.org/TR/trusted-types/) let a page parse HTML by a policy only.
const policy = window.trustedTypes?.createPolicy("console", { createHTML: (html) => html });
if (policy) htmx.registerExtension("console", { init: (api) => api.initSecurity(policy) });
