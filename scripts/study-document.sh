#!/usr/bin/env bash
# Puts the tables and figures that `tunemask study … --out DIR` wrote into one document: DIR/document.tex and .pdf.
# Needs pdflatex with booktabs and graphicx, and rsvg-convert for the figures.
set -euo pipefail
cd "${1:?usage: scripts/study-document.sh DIR}"

tables=()
for table in *.tex; do
    [[ $table == document.tex ]] || tables+=("$table")
done

{
    printf '%s\n' '\documentclass{article}' '\usepackage[T1]{fontenc}' '\usepackage[utf8]{inputenc}' \
        '\usepackage{booktabs,graphicx}' '\begin{document}'
    for table in "${tables[@]}"; do
        printf '\\input{%s}\n' "$table"
    done
    for figure in *.svg; do
        [[ -e $figure ]] || continue
        name=${figure%.svg}
        rsvg-convert --format pdf --output "$name.pdf" "$figure"
        printf '\\begin{figure}[htbp]\n\\centering\n\\includegraphics[width=\\linewidth]{%s.pdf}\n' "$name"
        printf '\\caption{\\texttt{%s}}\n\\end{figure}\n' "$name"
    done
    printf '%s\n' '\end{document}'
} > document.tex
# Twice: the first run finds out where the floats go.
for _ in 1 2; do
    pdflatex -interaction=nonstopmode -halt-on-error document.tex > document.out || { tail -n 30 document.out; exit 1; }
done
# A table that is wider than the text was shrunk by \resizebox, or stands out of it.
if grep -n 'Overfull \\hbox' document.log; then exit 1; fi
rm -f document.out document.aux
