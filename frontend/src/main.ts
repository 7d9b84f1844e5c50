import { mount } from 'svelte';
import './lib/ui/tokens.css';
import './lib/ui/base.css';
import './lib/ui/input.css';
import './lib/ui/popup.css';
import App from './App.svelte';

// What is dropped must not take the window there, as WebKit would: only text goes into fields.
for (const event of ['dragover', 'drop'] as const) {
  window.addEventListener(event, (e) => {
    const field = e.target instanceof Element && e.target.matches('input, textarea');
    if (!field || e.dataTransfer?.types.some((type) => type !== 'text/plain')) e.preventDefault();
  });
}

const target = document.getElementById('app');
if (target) mount(App, { target });
