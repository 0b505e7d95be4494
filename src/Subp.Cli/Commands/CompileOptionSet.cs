using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Subp.Cli.Terminal;
using Subp.Compiler;
using Subp.Core.Diagnostics;
using Subp.Tooling;

namespace Subp.Cli.Commands;

/// <summary>The options that decide what code is emitted; every command that compiles has the same.</summary>
internal sealed class CompileOptionSet
{
    private readonly Option<UnrollMode> _unroll = new("--unroll")
    {
        Description =
            "How far the block pattern goes into the code: full (straight-line code), auto (chosen per layer), taps (taps in code, "
            + "blocks in "
            + "tables) or never (tables).",
        HelpName = "mode",
        DefaultValueFactory = _ => UnrollMode.Auto,
    };

    private readonly Option<bool> _precise = new("--precise")
    {
        Description =
            "Keep to kernels as exact as direct summation; without it a 3x3 convolution may have a rounding error about twice as "
            + "large, and spread a NaN or an infinity over 4 x 4 outputs instead of 2 x 2.",
    };

    private readonly Option<int[]> _threads;
    private readonly int[] _standardThreads;

    private readonly Option<InstructionSet[]> _sets = new("--isa")
    {
        Description =
            "The instruction sets to emit: avx512, avx2, portable. Portable is always emitted; the best one the processor has is chosen "
            + "at start-up.",
        HelpName = "set,set",
        CustomParser = ParseSets,
        DefaultValueFactory = _ => [InstructionSet.Avx512, InstructionSet.Avx2, InstructionSet.Portable],
    };

    private readonly Option<string> _namespace = new("--namespace")
    {
        Description = "The namespace of the emitted class.",
        DefaultValueFactory = _ => new CompileOptions().Namespace,
    };

    private readonly MachineOption _machine = new();

    private readonly Option<string?> _className = new("--class-name")
    {
        Description = "The name of the emitted class. Default: from the name of the network.",
    };

    /// <summary>Creates the options.</summary>
    /// <param name="threads">The thread counts where the user names none.</param>
    /// <param name="default">The same in words.</param>
    public CompileOptionSet(int[] threads, string @default)
    {
        _standardThreads = threads;
        _threads = new Option<int[]>("--threads", "-t")
        {
            Description = $"The thread counts a schedule is written for; 1 is always among them. Default: {@default}.",
            HelpName = "n,n",
            CustomParser = ParseThreads,
        };
    }

    /// <summary>Adds the options to a command.</summary>
    public CompileOptionSet AddTo(Command command)
    {
        foreach (var option in new Option[] { _unroll, _precise, _threads, _sets, _namespace, _className })
            command.Add(option);
        _machine.AddTo(command);
        return this;
    }

    /// <summary>What the options say.</summary>
    /// <exception cref="SubpException">A name is not a C# identifier.</exception>
    public CompileOptions Read(ParseResult arguments)
    {
        var options = new CompileOptions
        {
            Unroll = arguments.GetValue(_unroll),
            Precise = arguments.GetValue(_precise),
            ThreadCounts = NamesThreads(arguments) ? arguments.GetValue(_threads)! : _standardThreads,
            InstructionSets = arguments.GetValue(_sets)!,
            Namespace = arguments.GetValue(_namespace)!,
            ClassName = arguments.GetValue(_className),
            Machine = _machine.Read(arguments),
            ToolVersion = ToolVersion.Current,
        };
        foreach (var part in options.Namespace.Split('.'))
            RequireIdentifier(_namespace.Name, part);
        if (options.ClassName is not null)
            RequireIdentifier(_className.Name, options.ClassName);
        return options;
    }

    /// <summary>True where the user asked for thread counts.</summary>
    public bool NamesThreads(ParseResult arguments) => GivenOptions.Has(arguments, _threads);

    /// <summary>Refuses the options for code that was compiled already.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="source">The compiled model.</param>
    /// <param name="runsThreads">Whether thread counts are those that it is run on.</param>
    /// <exception cref="SubpException">SUBP0801: one of them is given.</exception>
    public void RefuseFor(ParseResult arguments, string source, bool runsThreads)
    {
        Option[] options = [_unroll, _precise, _sets, _namespace, _className, _machine.Option];
        GivenOptions.Refuse(
            arguments,
            runsThreads ? options : [.. options, _threads],
            $"{source}, which is compiled already",
            "a .subp or .onnx file"
        );
    }

    /// <summary>Warns of thread counts above the number of processors.</summary>
    public static void WarnOfThreads(CommandContext context, IEnumerable<int> counts)
    {
        var most = counts.Max();
        if (most > Environment.ProcessorCount)
            context.Report(
                new Diagnostic(
                    DiagnosticDescriptors.ThreadsExceedProcessors,
                    "--threads",
                    FormattableString.Invariant($"{most} threads and {Environment.ProcessorCount} processors"),
                    Action: FormattableString.Invariant($"Expect it to be slower than {Environment.ProcessorCount} threads.")
                )
            );
    }

    private static int[] ParseThreads(ArgumentResult result)
    {
        const int Most = 64;
        var counts = new List<int>();
        foreach (var word in Words(result))
        {
            if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= Most)
                counts.Add(count);
            else
                result.AddError($"the thread count '{word}', expected whole numbers from 1 to {Most} with commas between");
        }

        return [.. counts.Distinct().Order()];
    }

    private static InstructionSet[] ParseSets(ArgumentResult result)
    {
        var sets = new List<InstructionSet>();
        foreach (var word in Words(result))
        {
            if (
                Enum.TryParse<InstructionSet>(word, ignoreCase: true, out var set)
                && Enum.GetNames<InstructionSet>().Contains(word, StringComparer.OrdinalIgnoreCase)
            )
                sets.Add(set);
            else
                result.AddError($"the instruction set '{word}', expected some of avx512, avx2, portable with commas between");
        }

        return [.. sets.Distinct().Order()];
    }

    private static IEnumerable<string> Words(ArgumentResult result) => result.Tokens.SelectMany(token => token.Value.Split(','));

    private static void RequireIdentifier(string option, string name)
    {
        // What is left, marks and names of members among it, the compiler tells.
        if (
            name.Length == 0
            || char.IsDigit(name[0])
            || name.Any(letter => letter != '_' && (char.IsAscii(letter) && !char.IsAsciiLetterOrDigit(letter)))
        )
            throw new SubpException(DiagnosticDescriptors.Usage, option, $"'{name}'", "an identifier of letters, digits and underscores");
    }
}
