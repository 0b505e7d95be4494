namespace Subp.SourceGenerator.Items;

/// <summary>A SubpModel item as the build hands it over: the text of the .subp file and the metadata as written.</summary>
/// <param name="Path">The full path of the .subp file, for locations only.</param>
/// <param name="Text">Its text, or null where the compiler could not read it.</param>
/// <param name="Settings">The metadata.</param>
internal sealed record ModelItem(string Path, string? Text, ItemSettings Settings)
{
    /// <summary>The description of the processor where the item names a file; null where it names a known one or none.</summary>
    public string? Machine { get; init; }

    /// <summary>The item with the description that it names.</summary>
    public ModelItem WithMachine(IEnumerable<MachineText> machines)
    {
        foreach (var machine in machines)
        {
            if (Settings.Machine.Length > 0 && machine.Name == Settings.Machine)
                return this with { Machine = machine.Text };
        }

        return this;
    }
}

/// <summary>The metadata of a SubpModel item; empty where not given.</summary>
/// <param name="Name">The file as the project names it, for messages.</param>
/// <param name="ProjectPath">The project file, for locations only.</param>
/// <param name="Namespace">The namespace of the class.</param>
/// <param name="RootNamespace">The root namespace of the project, any text, for where no namespace is given.</param>
/// <param name="ClassName">The name of the class.</param>
/// <param name="ResourceName">The name under which the targets embed or copy the weights, without extension.</param>
/// <param name="Isa">The instruction sets.</param>
/// <param name="Threads">The thread counts.</param>
/// <param name="Unroll">The mode of unrolling.</param>
/// <param name="Precise">Whether to keep to kernels as exact as direct summation.</param>
/// <param name="Machine">The processor whose costs decide between kernels: a known one, or a file.</param>
/// <param name="Weights">Where the weights go.</param>
/// <param name="WeightsName">The .safetensors file as the project would name it, for messages.</param>
/// <param name="WeightsFound">Whether that file exists: <c>true</c>, <c>false</c>, or empty where nobody looked.</param>
/// <param name="WeightsHash">Its sha256 in hex digits, or empty where nobody computed it: design-time builds do not.</param>
internal sealed record ItemSettings(
    string Name,
    string ProjectPath,
    string Namespace,
    string RootNamespace,
    string ClassName,
    string ResourceName,
    string Isa,
    string Threads,
    string Unroll,
    string Precise,
    string Machine,
    string Weights,
    string WeightsName,
    string WeightsFound,
    string WeightsHash
);
