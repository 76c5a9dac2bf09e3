@echo off
rem Dibuat oleh sopkit bundle: perintah sopkit di folder ini, misalnya  sopkit explain W02
setlocal EnableExtensions DisableDelayedExpansion
"%~dp0python\python.exe" -X utf8 -m sopkit %*
exit /b %errorlevel%
