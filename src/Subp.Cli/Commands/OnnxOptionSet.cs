using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Subp.Core.Diagnostics;
using Subp.Onnx;
using Subp.Tooling.Models;

namespace Subp.Cli.Commands;

/// <summary>The options that fill in what an ONNX file leaves open.</summary>
internal sealed class OnnxOptionSet
{
    private readonly Option<int> _batch = new("--batch")
    {
        Description = "ONNX only: the batch size where the file leaves it open.",
        HelpName = "n",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<Dictionary<string, int>> _dimensions = new("--dim")
    {
        Description =
            "ONNX only: the extent of an open dimension, by name or by input and index: height=224, image:2=224. May be repeated.",
        HelpName = "name=n",
        Arity = ArgumentArity.ZeroOrMore,
        CustomParser = ParseDimensions,
    };

    private readonly Option<string[]> _outputs = new("--outputs")
    {
        Description = "ONNX only: the values that the network returns instead of the outputs of the file, separated by commas.",
        HelpName = "name,...",
        Arity = ArgumentArity.ZeroOrMore,
        CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.RemoveEmptyEntries))],
    };

    private bool _cuts;

    /// <summary>Says in the help that the options also fill in what weights of PyTorch leave open: batch, height and width.</summary>
    public OnnxOptionSet AlsoForPyTorch()
    {
        _batch.Description = "The batch size where the file leaves it open.";
        _dimensions.Description =
            "The extent of an open dimension, by name or by input and index: height=224, image:2=224; for PyTorch height and width. May "
            + "be repeated.";
        return this;
    }

    /// <summary>Lets the network be cut: a command that writes it offers other outputs than those of the file.</summary>
    public OnnxOptionSet AlsoForCutting()
    {
        _cuts = true;
        return this;
    }

    /// <summary>Adds the options to a command.</summary>
    public OnnxOptionSet AddTo(Command command)
    {
        command.Add(_batch.AtLeast(1));
        command.Add(_dimensions);
        if (_cuts)
            command.Add(_outputs);
        return this;
    }

    /// <summary>What the options say.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="file">The file that is read with them; null for the argument of the command.</param>
    /// <exception cref="SubpException">SUBP0801: an option is given for a network that leaves nothing open.</exception>
    public ImportOptions Read(ParseResult arguments, string? file = null)
    {
        RequireOpen(arguments, file);
        return new()
        {
            Batch = arguments.GetValue(_batch),
            Dimensions = arguments.GetValue(_dimensions) ?? [],
            Outputs = _cuts ? arguments.GetValue(_outputs) ?? [] : [],
        };
    }

    // The network is the one argument of every command that has these options.
    private void RequireOpen(ParseResult arguments, string? file)
    {
        var source =
            file
            ?? arguments
                .CommandResult.Command.Arguments.SelectMany(argument => arguments.GetResult(argument)?.Tokens ?? [])
                .FirstOrDefault()
                ?.Value;
        if (source is null)
        {
            GivenOptions.Refuse(arguments, [_batch, _dimensions], "no ONNX file", "an .onnx file as the model");
            return;
        }

        var ending = Path.GetExtension(source).ToLowerInvariant();
        var found = $"{source}, which is no ONNX file";
        if (ending is ".subp" or ".dll" || File.Exists(BundleFile.SubpPath(source)) && Directory.Exists(source))
            GivenOptions.Refuse(arguments, [_batch, _dimensions], found, "an .onnx file, whose shapes may be open");
        if (_cuts && ending != ".onnx")
            GivenOptions.Refuse(arguments, [_outputs], found, "an .onnx file, which can be cut");
    }

    private static Dictionary<string, int> ParseDimensions(ArgumentResult result)
    {
        var dimensions = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var token in result.Tokens)
        {
            var (name, value) = token.Value.Split('=', 2) is [var left, var right] ? (left, right) : ("", "");
            if (name.Length > 0 && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var extent) && extent > 0)
                dimensions[name] = extent;
            else
                result.AddError($"the dimension '{token.Value}', expected name=number, the number at least 1");
        }

        return dimensions;
    }
}
