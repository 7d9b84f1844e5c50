"use strict";

const apis = document.getElementById("apis");

window.ui = SwaggerUIBundle({
  domNode: apis,
  urls: apis.dataset.names.split(" ").map((name) => ({ name, url: `openapi/${name}.json` })),
  layout: "StandaloneLayout",
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  // The viewer's own mark brings a style that the browser is told to refuse.
  plugins: [() => ({ components: { Logo: () => null } })],
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  // Nothing is asked of anybody but this server.
  validatorUrl: null,
  persistAuthorization: false,
});
