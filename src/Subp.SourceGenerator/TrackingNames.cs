namespace Subp.SourceGenerator;

/// <summary>The names of the steps of the pipeline, by which tests see what was computed again and what was not.</summary>
public static class TrackingNames
{
    /// <summary>One record per SubpModel item: the text of the file and the metadata.</summary>
    public const string Items = "SubpItems";

    /// <summary>One record per item: the emitted files and what there is to say about them.</summary>
    public const string Models = "SubpModels";

    /// <summary>What the project allows: language version, unsafe code, target framework.</summary>
    public const string Project = "SubpProject";

    /// <summary>The names of classes and weights files that more than one party claims.</summary>
    public const string TakenNames = "SubpTakenNames";

    /// <summary>One record per item: what goes out, nothing where there is an error.</summary>
    public const string Outputs = "SubpOutputs";

    /// <summary>The files of each item, without the diagnostics.</summary>
    public const string Files = "SubpFiles";

    /// <summary>The diagnostics of each item, without the files.</summary>
    public const string Findings = "SubpFindings";

    /// <summary>The text of the project file, as far as it matters.</summary>
    public const string ProjectText = "SubpProjectText";

    /// <summary>The lines of the project file and the folder of the help pages, which findings are completed with.</summary>
    public const string Surroundings = "SubpSurroundings";

    /// <summary>What is misspelt in the project file.</summary>
    public const string ProjectFile = "SubpProjectFile";

    /// <summary>The diagnostics of the project.</summary>
    public const string ProjectFindings = "SubpProjectFindings";
}
