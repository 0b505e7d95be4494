using Spectre.Console;
using Spectre.Console.Rendering;
using Subp.Tooling.Progress;

namespace Subp.Cli.Terminal;

/// <summary>
/// A progress bar with time left on a terminal, drawn by Spectre.Console. Only for streams that are known to be terminals.
/// </summary>
internal static class LiveProgress
{
    private const int TitleWidth = 22;

    /// <summary>Runs <paramref name="work"/> under a bar.</summary>
    public static void Run(TextWriter error, string title, Action<ProgressReport> work)
    {
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(error),
                Ansi = AnsiSupport.Yes,
                Interactive = InteractionSupport.Yes,
            }
        );
        console
            .Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = 24 },
                new PercentageColumn(),
                new RemainingTimeColumn(),
                new StatusColumn()
            )
            .Start(progress =>
            {
                var task = progress.AddTask(Markup.Escape(title.PadRight(TitleWidth)), maxValue: 1);
                work(
                    (fraction, status) =>
                    {
                        task.State.Update<Status>(StatusColumn.Key, _ => new Status(status));
                        task.Value = Math.Clamp(fraction, 0, 1);
                    }
                );
                task.Value = 1;
            });
    }

    // The state of a task holds structs only.
    private readonly record struct Status(string? Text);

    /// <summary>The figures of the moment, behind the bar.</summary>
    private sealed class StatusColumn : ProgressColumn
    {
        public const string Key = "status";

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.State.Get<Status>(Key).Text ?? "") { Overflow = Overflow.Ellipsis };
    }
}
