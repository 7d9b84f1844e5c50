import { mount } from 'svelte';
import './lib/ui/tokens.css';
import './lib/ui/base.css';
import './lib/ui/input.css';
import './lib/ui/popup.css';
import App from './App.svelte';

const target = document.getElementById('app');
if (target) mount(App, { target });
