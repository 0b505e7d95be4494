using Subp.Cli.Failures;
using Subp.Cli.Terminal;
using Subp.Tooling.Verification;

namespace Subp.Cli.Commands;

/// <summary>How <c>subp verify</c> ends with what it has found out.</summary>
internal static class VerifyOutcome
{
    /// <summary>Writes the report, as tables or as JSON, and reports what is wrong.</summary>
    /// <param name="report">What was found out.</param>
    /// <param name="context">Where to.</param>
    /// <param name="verb">The verb that JSON output names.</param>
    /// <returns>The exit code.</returns>
    public static int Conclude(this VerifyReport report, CommandContext context, string verb)
    {
        var failures = report.Failures();
        if (context.Json)
            JsonOutput.Write(
                context.Out,
                verb,
                new
                {
                    model = report.Model,
                    inputs = report.Inputs,
                    tolerance = report.Tolerance,
                    passed = failures.Count == 0,
                    import = report.Import,
                    sessions = report.Sessions,
                    layers = report.Layers,
                    steps = report.Steps,
                    apart = report.Apart?.Layers,
                    specialValues = report.SpecialValues,
                }
            );
        else
            report.WriteTables(context.Out);

        foreach (var failure in failures)
            context.Report(failure);
        return failures.Count == 0 ? ExitCodes.Success : ExitCodes.Of(failures[0]);
    }
}
