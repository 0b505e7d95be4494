using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using Subp.Compiler;
using Subp.Tooling;
using Subp.Tooling.Benchmarking;

namespace Subp.Cli.Commands;

/// <summary>
/// What <c>--version</c> prints: the tool, the runtime, and the instruction sets of this processor, which decide the kernels.
/// </summary>
internal sealed class VersionBanner : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine($"subp {ToolVersion.Current}");
        output.WriteLine(
            $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}, {Environment.ProcessorCount} processors"
        );
        output.WriteLine($"instruction sets: {string.Join(", ", HostProcessor.InstructionSets.Select(Word))}");
        return 0;
    }

    private static string Word(InstructionSet set) => set.ToString().ToLowerInvariant();
}
