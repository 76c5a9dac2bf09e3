@echo off
rem {name}: dibuat oleh sopkit bundle; {word} adalah pekerjaannya di sopkit.cli.desk.
rem Only this file's own words stand on its lines. What was dropped on it reaches Python through the environment,
rem and from the line that started cmd: Explorer quotes no name without blanks, so cmd itself cuts A&B.xlsx in two.
setlocal EnableExtensions DisableDelayedExpansion
set "SOPKIT_HERE=%CD%"
set SOPKIT_ARGS=%*
set "SOPKIT_LINE="
set "SOPKIT_CODE=3"
rem pushd gives a folder of the network a drive letter for as long as this runs.
pushd "%~dp0"
if errorlevel 1 goto no_folder
chcp 65001 >nul 2>nul
setlocal EnableDelayedExpansion
set "SOPKIT_LINE=!cmdcmdline!"
if not exist "python\python.exe" goto no_python
"%SystemRoot%\System32\find.exe" "sopkit" "python\python313._pth" >nul 2>nul
if errorlevel 1 copy /y "site\python313._pth" "python\python313._pth" >nul
"python\python.exe" -X utf8 -m sopkit.cli.desk {word}
set "SOPKIT_CODE=%errorlevel%"
rem 0 and 2 to 4 are what sopkit answers; with 1 Python itself ends when it cannot start.
if %SOPKIT_CODE% LSS 0 goto no_start
if %SOPKIT_CODE% EQU 1 goto no_start
if %SOPKIT_CODE% GTR 4 goto no_start
goto leave

:no_folder
echo Folder berkas ini tidak dapat dibuka. Salin seluruh folder sopkit ke komputer ini, lalu coba lagi.
echo Tekan sembarang tombol untuk menutup jendela ini.
pause >nul
exit /b 3

:no_python
echo Python tidak ada di folder ini, sehingga sopkit belum dapat dijalankan.
echo Bila berkas ini dibuka dari dalam ZIP: ekstrak dahulu seluruh ZIP-nya ke sebuah folder.
echo Bila sudah diekstrak: baca BACA-SAYA.txt, bagian "Bila Python belum ada".
goto leave

:no_start
echo Python di folder python tidak dapat dijalankan, kode %SOPKIT_CODE%.
echo Baca BACA-SAYA.txt, bagian "Bila tidak berjalan".
set "SOPKIT_CODE=3"

:leave
echo.
echo Tekan sembarang tombol untuk menutup jendela ini.
pause >nul
popd
rem Started by a click, cmd is left at once: else it would now run what it cut off a name (B.xlsx).
if not defined SOPKIT_LINE exit /b %SOPKIT_CODE%
if /i "!SOPKIT_LINE:/c=!"=="!SOPKIT_LINE!" exit /b %SOPKIT_CODE%
exit %SOPKIT_CODE%
