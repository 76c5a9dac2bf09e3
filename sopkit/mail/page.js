'use strict';
(() => {
  const KEY = 'sopkit-kirim:';
  const mails = [...document.querySelectorAll('article')];
  const bar = document.querySelector('.noting');
  const folder = folderOf(location);
  const windows = folder === null ? /Windows/.test(navigator.userAgent) : /^([A-Za-z]:|\\\\)/.test(folder);

  function folderOf(place) {
    if (place.protocol !== 'file:') return null;
    const path = decodeURIComponent(place.pathname).replace(/\/[^/]*$/, '');
    if (place.host) return ('//' + place.host + path).replaceAll('/', '\\');
    return /^\/[A-Za-z]:/.test(path) ? path.slice(1).replaceAll('/', '\\') : path || '/';
  }

  function store(action) {
    try { return action(localStorage); } catch { return null; }
  }

  function copyByHand(text) {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyByHand(text);
    }
  }

  function tell(near, done, words) {
    const told = near.closest('article, .noting').querySelector('.told');
    told.classList.toggle('sorry', !done);
    told.textContent = done ? words : 'Tidak dapat disalin di peramban ini; salin sendiri dari bagian yang dilipat.';
  }

  function quoted(path) {
    if (/^[\w./\\:+@-]+$/.test(path)) return path;
    return windows ? '"' + path + '"' : "'" + path.replaceAll("'", "'\\''") + "'";
  }

  const ticked = () => mails.filter(mail => mail.querySelector('.tick input').checked);
  const codes = () => ticked().map(mail => mail.dataset.code).join(' ');
  const command = () => 'sopkit mail sent ' + (folder === null ? '' : '--folder ' + quoted(folder) + ' ') + codes();

  function batch() {
    const lines = [
      '@echo off',
      'setlocal EnableExtensions DisableDelayedExpansion',
      'chcp 65001 >nul',
      'set "PYTHONUTF8=1"',
      'set "PYTHON="',
      'pushd "' + (folder ?? 'keluaran').replaceAll('%', '%%') + '"',
      'if errorlevel 1 goto :nofolder',
      'for %%U in (. .. ..\\.. ..\\..\\..) do if not defined PYTHON if exist "%%U\\python\\python.exe" set "PYTHON=%%U\\python\\python.exe"',
      'echo Yang akan dicatat terkirim: ' + ticked().length + ' surel',
      'echo Kode surel: ' + codes(),
      'echo Tutup jendela ini bila tidak jadi.',
      'pause',
      'if not defined PYTHON goto :installed',
      '"%PYTHON%" -m sopkit mail sent --folder . ' + codes(),
      'goto :ended',
      ':installed',
      'sopkit mail sent --folder . ' + codes(),
      ':ended',
      'if errorlevel 1 echo Belum tercatat. Baca pesan di atas.',
      'pause',
      'exit /b',
      ':nofolder',
      'echo Folder keluaran tidak dapat dibuka. Belum ada yang tercatat.',
      'pause',
      'exit /b 2',
    ];
    return lines.join('\r\n') + '\r\n';
  }

  function shell() {
    const lines = [
      '#!/bin/sh',
      'cd ' + quoted(folder ?? 'keluaran') + ' || exit 2',
      'sopkit=sopkit',
      'for up in ../../.. ../.. .. .; do [ -f "$up/sopkit.sh" ] && sopkit="sh $up/sopkit.sh"; done',
      '$sopkit mail sent --folder . ' + codes() + ' || echo "Belum tercatat. Baca pesan di atas."',
      'if [ -t 0 ]; then printf "Tekan Enter untuk menutup jendela ini. "; read -r _; fi',
    ];
    return lines.join('\n') + '\n';
  }

  function download() {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([windows ? batch() : shell()], {type: 'application/octet-stream'}));
    link.download = 'Catat surel terkirim.' + (windows ? 'bat' : 'sh');
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    tell(bar.querySelector('.doing'), true, 'Terunduh: ' + link.download);
  }

  function show() {
    const count = ticked().length;
    for (const mail of mails) mail.classList.toggle('done', mail.querySelector('.tick input').checked);
    bar.querySelector('.ticked').textContent =
      count ? count + ' dari ' + mails.length + ' surel dicentang sudah dikirim.' : 'Belum ada yang dicentang.';
    bar.querySelector('.doing').hidden = !count;
    bar.querySelector('.command').textContent = count ? command() : '';
    bar.querySelector('.told').textContent = '';
  }

  function forgetOthers() {
    const here = new Set(mails.map(mail => KEY + mail.dataset.id));
    store(memory => {
      for (const key of Object.keys(memory)) {
        if (key.startsWith(KEY) && memory.getItem(key) === location.pathname && !here.has(key)) memory.removeItem(key);
      }
    });
  }

  function setUp(mail) {
    const box = mail.querySelector('.tick input');
    const key = KEY + mail.dataset.id;
    box.checked = store(memory => memory.getItem(key)) !== null;
    box.addEventListener('change', () => {
      store(memory => box.checked ? memory.setItem(key, location.pathname) : memory.removeItem(key));
      show();
    });
    for (const place of mail.querySelectorAll('[data-path]')) {
      const path = windows ? place.dataset.path.replaceAll('/', '\\') : place.dataset.path;
      if (folder !== null) place.textContent = folder.replace(/[\\/]$/, '') + (windows ? '\\' : '/') + path;
    }
    for (const button of mail.querySelectorAll('[data-copy]')) {
      const text = () => mail.querySelector('[data-part="' + button.dataset.copy + '"]').textContent;
      button.addEventListener('click', async () => tell(button, await copy(text()), 'Tersalin: ' + button.textContent));
    }
    const long = mail.querySelector('[data-long]');
    long?.addEventListener('click', () => copy(mail.querySelector('[data-part="body"]').textContent));
  }

  mails.forEach(setUp);
  forgetOthers();
  show();
  bar.querySelector('[data-do="file"]').addEventListener('click', download);
  bar.querySelector('[data-do="command"]').addEventListener('click', async event =>
    tell(event.target, await copy(command()), 'Tersalin'));
  window.addEventListener('storage', () => {
    for (const mail of mails) {
      mail.querySelector('.tick input').checked = store(memory => memory.getItem(KEY + mail.dataset.id)) !== null;
    }
    show();
  });
})();
