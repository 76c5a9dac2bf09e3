"""The way in for a workbook that nobody made for sopkit: a layout file is proposed, asked for and written."""
