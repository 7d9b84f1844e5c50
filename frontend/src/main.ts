import { mount } from 'svelte';
import './lib/ui/tokens.css';
import './lib/ui/base.css';
import './lib/ui/input.css';
import './lib/ui/popup.css';
import App from './App.svelte';

// What is dropped where nobody takes it must not take the window there: WebKit opens it.
for (const event of ['dragover', 'drop']) window.addEventListener(event, (e) => e.preventDefault());

const target = document.getElementById('app');
if (target) mount(App, { target });
