using System.Net;
using System.Text;

namespace Subp.Cli.Report;

/// <summary>
/// Writes one self-contained page: no script, no font, no image from elsewhere; light and dark by the reader's preference.
/// </summary>
internal sealed class HtmlPage(string title)
{
    private const string Style = """
        :root {
            color-scheme: light dark; --page: #fbfbfa; --card: #ffffff; --ink: #1d2126; --soft: #5d6670; --rule: #e3e5e8;
            --series-0: #5b7083; --series-1: #c2570c; --series-2: #2f7d4f; --series-3: #7a4fa3;
            --series-4: #0e7490; --series-5: #a3273f; --series-6: #8a6d0b; --series-7: #3b5bdb;
            --good: #2f7d4f; --bad: #b3261e;
        }
        @media (prefers-color-scheme: dark) {
            :root {
                --page: #15181c; --card: #1d2126; --ink: #e6e8eb; --soft: #9aa4ae; --rule: #323941;
                --series-0: #93abc0; --series-1: #f08a3c; --series-2: #6cc38f; --series-3: #bb97dd;
                --series-4: #55bcd6; --series-5: #f08aa0; --series-6: #d9b84a; --series-7: #91a7ff;
                --good: #6cc38f; --bad: #f2857d;
            }
        }
        * { box-sizing: border-box; }
        body {
            margin: 0; background: var(--page); color: var(--ink);
            font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
        }
        main { max-width: 1180px; margin: 0 auto; padding: 40px 24px 64px; }
        h1 { font-size: 26px; line-height: 1.25; margin: 0 0 6px; letter-spacing: -0.01em; }
        h2 { font-size: 18px; margin: 44px 0 6px; }
        p { margin: 6px 0 14px; max-width: 76ch; color: var(--soft); }
        p strong, li strong { color: var(--ink); font-weight: 600; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 14px; margin: 24px 0 8px; }
        .tile, figure, .scroll { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; }
        .tile { padding: 14px 16px; }
        .tile b { display: block; font-size: 25px; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; }
        .tile span { color: var(--soft); font-size: 13px; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(380px, 1fr)); gap: 14px; }
        figure { margin: 0; padding: 14px 16px 8px; }
        figcaption { font-weight: 600; }
        svg { display: block; width: 100%; height: auto; }
        .grid { stroke: var(--rule); } .tick { fill: var(--soft); font-size: 12px; } .label { font-size: 13px; font-weight: 600; }
        .line { fill: none; stroke-width: 2; stroke-linejoin: round; } .dot { stroke: var(--card); stroke-width: 1.5; }
        .series-0 { --series: var(--series-0); } .series-1 { --series: var(--series-1); } .series-2 { --series: var(--series-2); }
        .series-3 { --series: var(--series-3); } .series-4 { --series: var(--series-4); } .series-5 { --series: var(--series-5); }
        .series-6 { --series: var(--series-6); } .series-7 { --series: var(--series-7); }
        .line { stroke: var(--series); } .dot, .label { fill: var(--series); } .key { color: var(--series); font-weight: 600; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: 14px; }
        th, td { padding: 7px 12px; text-align: left; border-bottom: 1px solid var(--rule); white-space: nowrap; vertical-align: middle; }
        td:last-child:not(.number) { white-space: normal; min-width: 20ch; line-height: 1.35; }
        tr:last-child td { border-bottom: 0; }
        th { color: var(--soft); font-weight: 600; font-size: 13px; }
        .number { text-align: right; font-variant-numeric: tabular-nums; }
        .soft { color: var(--soft); font-size: 13px; }
        pre { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 12px 16px; overflow-x: auto; }
        tr.total td { font-weight: 600; }
        code, .code, pre { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
        a { color: inherit; text-decoration-color: var(--series-1); text-underline-offset: 3px; }
        .bar { display: inline-block; height: 7px; border-radius: 2px; vertical-align: middle; min-width: 1px; }
        .bar { background: var(--series); }
        .heat { text-align: right; font-size: 12px; font-variant-numeric: tabular-nums; padding: 4px 7px; border-radius: 3px; }
        .bars { line-height: 9px; }
        .good { color: var(--good); } .bad { color: var(--bad); }
        footer { margin-top: 44px; color: var(--soft); font-size: 13px; }
        """;

    /// <summary>How many colours lines and bars have; the next one after them has the first again.</summary>
    public const int Colours = 8;

    private readonly StringBuilder _body = new();

    /// <summary>Text made safe for HTML.</summary>
    public static string Encode(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Appends HTML.</summary>
    public HtmlPage Add(string html)
    {
        _body.Append(html).Append('\n');
        return this;
    }

    /// <summary>Appends a tile: one figure in large, and what it is. Tiles lie in a <c>div</c> of the class <c>tiles</c>.</summary>
    public HtmlPage AddTile(string figure, string text) =>
        Add($"<div class=\"tile\"><b>{Encode(figure)}</b><span>{Encode(text)}</span></div>");

    /// <summary>Appends a table whose cells are HTML.</summary>
    /// <param name="heads">The heads; one that starts with <c>&gt;</c> is a column of numbers.</param>
    /// <param name="rows">The cells; a row whose first cell starts with <c>!</c> is a total.</param>
    public HtmlPage AddTable(IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<string>> rows)
    {
        var numbers = heads.Select(head => head.StartsWith('>')).ToArray();
        string Class(int column) => numbers[column] ? " class=\"number\"" : "";
        Add(
            "<div class=\"scroll\"><table><thead><tr>"
                + string.Concat(heads.Select((head, column) => $"<th{Class(column)}>{Encode(head.TrimStart('>'))}</th>"))
                + "</tr></thead><tbody>"
        );
        foreach (var row in rows)
        {
            var isTotal = row[0].StartsWith('!');
            Add(
                (isTotal ? "<tr class=\"total\">" : "<tr>")
                    + string.Concat(row.Select((cell, column) => $"<td{Class(column)}>{(column == 0 ? cell.TrimStart('!') : cell)}</td>"))
                    + "</tr>"
            );
        }

        return Add("</tbody></table></div>");
    }

    /// <summary>The whole page.</summary>
    public override string ToString() =>
        $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Encode(title)}</title>
            <style>
            {Style}
            </style>
            </head>
            <body>
            <main>
            {_body}</main>
            </body>
            </html>

            """.ReplaceLineEndings("\n");
}
