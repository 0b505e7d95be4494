using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Runtime.Loader;
using Subp.Core.Diagnostics;

namespace Subp.Roslyn;

/// <summary>
/// A compiled model, loaded so that it can be unloaded again: what tools use to verify, time and run models. Programs that ship a model
/// reference its assembly and call it directly.
/// </summary>
public sealed class LoadedModel : IDisposable
{
    private readonly AssemblyLoadContext _context;
    private readonly Type _type;
    private readonly Type _instructionSetType;
    private readonly MethodInfo _createSession;
    private readonly string _place;
    private object? _instance;

    private LoadedModel(AssemblyLoadContext context, Type type, string place)
    {
        _place = place;
        _context = context;
        _type = type;
        _instructionSetType = type.GetNestedType("InstructionSet") ?? throw new MissingMemberException(type.FullName, "InstructionSet");
        _createSession =
            type.GetMethod("CreateSession", [typeof(int), _instructionSetType])
            ?? throw new MissingMethodException(type.FullName, "CreateSession");
        ModelName = Get<string>(nameof(ModelName));
        (Inputs, Outputs) = Ports(_createSession.ReturnType);
        ClassNames = [.. Get<IReadOnlyList<string>>(nameof(ClassNames))];
        NormalizationMean = GetSpan<float>(nameof(NormalizationMean));
        NormalizationDeviation = GetSpan<float>(nameof(NormalizationDeviation));
        StructureHash = Get<string>(nameof(StructureHash));
        Sparsity = Get<double>(nameof(Sparsity));
        ArenaBytes = Get<long>(nameof(ArenaBytes));
        CompileOptions = Get<string>(nameof(CompileOptions));
        SupportedThreadCounts = GetSpan<int>(nameof(SupportedThreadCounts));
        LayerNames = [.. Get<IReadOnlyList<string>>(nameof(LayerNames))];
        BestInstructionSet = Enum.Parse<Compiler.InstructionSet>(Get<object>(nameof(BestInstructionSet)).ToString()!);
        InstructionSets = [.. Enum.GetNames(_instructionSetType).Select(Enum.Parse<Compiler.InstructionSet>).Order()];
    }

    private delegate ReadOnlySpan<T> SpanGetter<T>();

    /// <summary>The name of the network.</summary>
    public string ModelName { get; }

    /// <summary>The inputs in their order.</summary>
    public IReadOnlyList<ModelPort> Inputs { get; }

    /// <summary>The outputs in their order.</summary>
    public IReadOnlyList<ModelPort> Outputs { get; }

    /// <summary>The name of the first input.</summary>
    public string InputName => Inputs[0].Name;

    /// <summary>The name of the first output.</summary>
    public string OutputName => Outputs[0].Name;

    /// <summary>The shape of the input, outermost dimension first; of several that follow each other, the number of all floats.</summary>
    public IReadOnlyList<int> InputShape => Inputs.Count == 1 ? Inputs[0].Shape : [InputLength];

    /// <summary>The shape of the output, outermost dimension first; of several that follow each other, the number of all floats.</summary>
    public IReadOnlyList<int> OutputShape => Outputs.Count == 1 ? Outputs[0].Shape : [OutputLength];

    /// <summary>The number of floats of all inputs.</summary>
    public int InputLength => Inputs.Sum(port => port.Length);

    /// <summary>The number of floats of all outputs.</summary>
    public int OutputLength => Outputs.Sum(port => port.Length);

    /// <summary>The names of the classes, or empty.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Per input channel, the mean to subtract; empty where unknown.</summary>
    public IReadOnlyList<float> NormalizationMean { get; }

    /// <summary>Per input channel, the standard deviation to divide by; empty where unknown.</summary>
    public IReadOnlyList<float> NormalizationDeviation { get; }

    /// <summary>The sha256 of the structure.</summary>
    public string StructureHash { get; }

    /// <summary>The share of the weights of convolutions and linear layers that is pruned, 0 to 1.</summary>
    public double Sparsity { get; }

    /// <summary>The bytes of scratch memory of one session.</summary>
    public long ArenaBytes { get; }

    /// <summary>The options the network was compiled with.</summary>
    public string CompileOptions { get; }

    /// <summary>The thread counts that have a schedule, ascending.</summary>
    public IReadOnlyList<int> SupportedThreadCounts { get; }

    /// <summary>The names of the layers in the order of execution.</summary>
    public IReadOnlyList<string> LayerNames { get; }

    /// <summary>The best of the compiled instruction sets that this processor has.</summary>
    public Compiler.InstructionSet BestInstructionSet { get; }

    /// <summary>The compiled instruction sets, best first.</summary>
    public IReadOnlyList<Compiler.InstructionSet> InstructionSets { get; }

    /// <summary>The emitted class.</summary>
    internal Type ModelType => _type;

    /// <summary>Loads a model that was just compiled.</summary>
    /// <exception cref="SubpException">The assembly holds no model.</exception>
    public static LoadedModel Load(CompiledAssembly compiled) => Load(compiled.Assembly, compiled.Pdb, "");

    /// <summary>
    /// Loads a model from a file, which is not locked. Symbols are taken from the <c>.pdb</c> beside it, where there is one.
    /// </summary>
    /// <exception cref="SubpException">The file is not an assembly, or holds no model.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static LoadedModel Load(string path)
    {
        var symbols = Path.ChangeExtension(path, ".pdb");
        return Load(File.ReadAllBytes(path), File.Exists(symbols) ? File.ReadAllBytes(symbols) : null, path);
    }

    /// <summary>
    /// Loads a model from a file that is mapped, not read: its weights take memory once, where they are used. On Windows the file is locked
    /// until the model is unloaded; elsewhere it may be deleted at once.
    /// </summary>
    /// <exception cref="SubpException">The file is not an assembly, or holds no model.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static LoadedModel Map(string path)
    {
        var full = Path.GetFullPath(path);
        return Load(context => context.LoadFromAssemblyPath(full), path);
    }

    /// <summary>True where this processor has an instruction set and the model was compiled for it.</summary>
    public bool IsSupported(Compiler.InstructionSet instructionSet) =>
        Enum.TryParse(_instructionSetType, instructionSet.ToString(), out var emitted)
        && (bool)Call(() => _type.GetMethod("IsSupported")!.Invoke(null, [emitted])!);

    /// <summary>Creates a session.</summary>
    /// <param name="threads">One of <see cref="SupportedThreadCounts"/>, or 0 for the largest that is not above the processors of this
    /// process.</param>
    /// <param name="instructionSet">The instruction set; null for the best this processor has.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no schedule for <paramref name="threads"/>.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor lacks the instruction set, or the model was not compiled for
    /// it.</exception>
    /// <exception cref="InvalidDataException">The embedded weights are missing or belong to another structure.</exception>
    public ILoadedSession CreateSession(int threads = 0, Compiler.InstructionSet? instructionSet = null)
    {
        var chosen = instructionSet ?? BestInstructionSet;
        if (!Enum.TryParse(_instructionSetType, chosen.ToString(), out var emitted))
            throw new PlatformNotSupportedException(
                $"The model was not compiled for {chosen}; it was for {string.Join(", ", InstructionSets)}."
            );
        _instance ??= Call(Instance);
        return new LoadedSession(Call(() => _createSession.Invoke(_instance, [threads, emitted])!), chosen, ArenaBytes, Inputs, Outputs);
    }

    /// <summary>Lets the assembly be unloaded once its sessions are disposed and forgotten.</summary>
    public void Dispose()
    {
        _instance = null;
        _context.Unload();
    }

    // Instance looks for a weights file beside the program, which is the tool here; the file that was written with the assembly lies beside
    // that.
    private object Instance()
    {
        var beside = Path.Combine(Path.GetDirectoryName(_place) ?? "", _type.Name + ".safetensors");
        return _place.Length > 0 && _type.Assembly.GetManifestResourceNames().Length == 0 && File.Exists(beside)
            ? _type.GetMethod("Load", [typeof(string)])!.Invoke(null, [beside])!
            : _type.GetProperty("Instance")!.GetValue(null)!;
    }

    private static LoadedModel Load(byte[] assembly, byte[]? symbols, string place) =>
        Load(
            context =>
                context.LoadFromStream(
                    new MemoryStream(assembly, writable: false),
                    symbols is null ? null : new MemoryStream(symbols, writable: false)
                ),
            place
        );

    private static LoadedModel Load(Func<AssemblyLoadContext, Assembly> load, string place)
    {
        var context = new AssemblyLoadContext("subp model", isCollectible: true);
        try
        {
            var loaded = load(context);
            var name = loaded
                .GetCustomAttributes<AssemblyMetadataAttribute>()
                .FirstOrDefault(attribute => attribute.Key == ModelAssemblyCompiler.ModelClassKey)
                ?.Value;
            if (name is null || loaded.GetType(name) is not { } type)
                throw NotAModel(place, "an assembly that names no model class", null);
            return new LoadedModel(context, type, place);
        }
        catch (Exception exception)
        {
            context.Unload();
            if (exception is BadImageFormatException)
                throw NotAModel(place, "a file that is not a .NET assembly", exception);
            if (exception is MissingMemberException)
                throw NotAModel(place, "a model class without the members of this version", exception);
            throw;
        }
    }

    private static SubpException NotAModel(string place, string found, Exception? cause) =>
        new(new Diagnostic(DiagnosticDescriptors.NotAModelAssembly, place, found, "an assembly made by 'subp compile'"), cause);

    // The spans of a run, in the order of inputs and outputs, say whether elements are bytes.
    private (ModelPort[] Inputs, ModelPort[] Outputs) Ports(Type session)
    {
        var (inputs, outputs) = (Ports("Input"), Ports("Output"));
        Type[] spans = [typeof(ReadOnlySpan<float>), typeof(ReadOnlySpan<byte>), typeof(Span<float>), typeof(Span<byte>)];
        var run =
            session
                .GetMethods()
                .Where(method => method.Name == nameof(ILoadedSession.Run))
                .Select(method => Array.ConvertAll(method.GetParameters(), parameter => parameter.ParameterType))
                .FirstOrDefault(types => types.Length == inputs.Length + outputs.Length && types.All(spans.Contains))
            ?? throw new MissingMethodException(session.FullName, nameof(ILoadedSession.Run));
        ModelPort Typed(ModelPort port, Type span) => port with { IsBytes = span.GenericTypeArguments[0] == typeof(byte) };
        return ([.. inputs.Zip(run, Typed)], [.. outputs.Zip(run.Skip(inputs.Length), Typed)]);
    }

    // A class of one input and one output has members in the singular.
    private ModelPort[] Ports(string stem) =>
        _type.GetProperty(stem + "Names") is null
            ? [new ModelPort(Get<string>(stem + "Name"), GetSpan<int>(stem + "Shape"))]
            :
            [
                .. Get<IReadOnlyList<string>>(stem + "Names")
                    .Zip(Get<IReadOnlyList<int[]>>(stem + "Shapes"), (name, shape) => new ModelPort(name, shape)),
            ];

    private T Get<T>(string property) => (T)Call(() => Property(property).GetValue(null)!);

    private T[] GetSpan<T>(string property) => Property(property).GetMethod!.CreateDelegate<SpanGetter<T>>()().ToArray();

    private PropertyInfo Property(string name) =>
        _type.GetProperty(name, BindingFlags.Public | BindingFlags.Static) ?? throw new MissingMemberException(_type.FullName, name);

    /// <summary>Calls by reflection and lets exceptions of the model through as they are.</summary>
    private static T Call<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (TargetInvocationException exception) when (exception.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }
}
