using System.Security.Cryptography;
using System.Text;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Text;
using Subp.Core.Weights;
using Subp.Training.Engines;
using Subp.Training.Numerics;
using Subp.Training.Recipes;

namespace Subp.Training.Runs;

/// <summary>
/// The whole state of a training between two steps: weights, momentum, running statistics, masks, generators and history. Binary,
/// ends with the sha256 of everything before, names the engine, the recipe and the network it belongs to. A run resumed from it does the
/// same arithmetic as one that never stopped.
/// </summary>
internal static class Checkpoint
{
    private const string Magic = "SUBP-CHECKPOINT-3";
    private const int HashLength = 32;

    /// <summary>Serialises the state.</summary>
    public static byte[] Save(TrainingState state, TrainingRecipe recipe, ITrainingEngine engine, MaskState masks)
    {
        var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        writer.Write(engine.Name);
        writer.Write(RecipeHash(recipe));
        writer.Write(StructureHash.Compute(engine.Graph));
        writer.Write(state.CompletedEpochs);
        writer.Write(state.BestAccuracy);
        WriteRandom(writer, state.DataRandom);
        WriteRandom(writer, state.MaskRandom);
        byte[] random = engine.SaveRandomState();
        writer.Write(random.Length);
        writer.Write(random);
        foreach (var parameter in engine.Graph.Parameters)
        {
            WriteFloats(writer, engine.Values(parameter.Name));
            WriteFloats(writer, engine.Momentum(parameter.Name));
        }

        foreach (var (_, range) in engine.Ranges)
            WriteFloats(writer, engine.Values(range));
        foreach (var mask in masks.Masks)
            writer.Write(mask.Bytes);

        foreach (var epoch in state.History)
            WriteEpoch(writer, epoch);

        WritePartial(writer, state.Partial, masks);
        writer.Flush();
        byte[] content = stream.ToArray();
        return [.. content, .. SHA256.HashData(content)];
    }

    /// <summary>Puts a saved state back.</summary>
    /// <exception cref="SubpException">
    /// SUBP0507 where the bytes are damaged or belong to another recipe or network, SUBP0523 where another engine wrote them.
    /// </exception>
    public static void Load(string path, byte[] bytes, TrainingState state, TrainingRecipe recipe, ITrainingEngine engine, MaskState masks)
    {
        RequireUndamaged(path, bytes);
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes, 0, bytes.Length - HashLength), Encoding.UTF8);
            RequireEqual(path, "the file kind", reader.ReadString(), Magic);
            RequireEngine(path, reader.ReadString(), engine.Name);
            RequireEqual(path, "the recipe", reader.ReadString(), RecipeHash(recipe));
            RequireEqual(path, "the network", reader.ReadString(), StructureHash.Compute(engine.Graph));
            state.CompletedEpochs = reader.ReadInt32();
            state.BestAccuracy = reader.ReadDouble();
            ReadRandom(reader, state.DataRandom);
            ReadRandom(reader, state.MaskRandom);
            engine.RestoreRandomState(reader.ReadBytes(reader.ReadInt32()));
            foreach (var parameter in engine.Graph.Parameters)
            {
                engine.SetValues(parameter.Name, ReadFloats(reader, engine.Values(parameter.Name).Length));
                engine.SetMomentum(parameter.Name, ReadFloats(reader, engine.Momentum(parameter.Name).Length));
            }

            foreach (var (_, range) in engine.Ranges)
                engine.SetValues(range, ReadFloats(reader, engine.Values(range).Length));
            for (int i = 0; i < masks.Masks.Count; i++)
                masks.Restore(i, reader.ReadBytes(masks.Masks[i].Bytes.Length));

            state.History.Clear();
            for (int epoch = 0; epoch < state.CompletedEpochs; epoch++)
                state.History.Add(ReadEpoch(reader, masks.Layers.Count));

            state.Partial = ReadPartial(reader);
            for (int i = 0; state.Partial is not null && i < masks.Changed.Length; i++)
                masks.Changed[i] = reader.ReadInt32();

            masks.Install(engine);
        }
        catch (Exception exception) when (exception is EndOfStreamException or ArgumentException or FormatException)
        {
            throw Invalid(path, "fields that do not fit", "a checkpoint of this version");
        }
    }

    // Of the values that are not the defaults: a property that a later version adds does not make the runs of this one strangers.
    /// <summary>The values of all parameters, without momentum and everything else that belongs to the run.</summary>
    /// <exception cref="SubpException">SUBP0507, SUBP0581.</exception>
    public static WeightSet ReadWeights(string path, byte[] bytes, Graph graph)
    {
        RequireUndamaged(path, bytes);
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes, 0, bytes.Length - HashLength), Encoding.UTF8);
            RequireEqual(path, "the file kind", reader.ReadString(), Magic);
            string engine = reader.ReadString();
            string recipe = reader.ReadString();
            if (reader.ReadString() != StructureHash.Compute(graph))
            {
                throw new SubpException(
                    DiagnosticDescriptors.InitialWeightsMismatch,
                    path,
                    $"a run of another network than '{graph.Name}' (engine '{engine}', recipe {recipe[..8]})",
                    $"one of '{graph.Name}'",
                    "Name the network of that run with --model."
                );
            }

            _ = reader.ReadInt32();
            _ = reader.ReadDouble();
            _ = reader.ReadBytes(2 * 4 * sizeof(ulong));
            _ = reader.ReadBytes(reader.ReadInt32());
            var network = new TrainedNetwork(graph);
            var weights = new WeightSet();
            foreach (var parameter in graph.Parameters)
            {
                weights[parameter.Name] = new WeightTensor(parameter.Shape, ReadFloats(reader, parameter.Shape.ElementCount));
                if (network[parameter.Name].IsTrained)
                    _ = ReadFloats(reader, parameter.Shape.ElementCount);
            }

            return weights;
        }
        catch (Exception exception) when (exception is EndOfStreamException or ArgumentException or FormatException)
        {
            throw Invalid(path, "fields that do not fit", "a checkpoint of this version");
        }
    }

    private static void RequireUndamaged(string path, byte[] bytes)
    {
        if (
            bytes.Length < HashLength
            || !SHA256.HashData(bytes.AsSpan(0, bytes.Length - HashLength)).AsSpan().SequenceEqual(bytes.AsSpan(bytes.Length - HashLength))
        )
        {
            throw Invalid(path, "bytes that do not match their own hash", "a checkpoint as it was written");
        }
    }

    private static string RecipeHash(TrainingRecipe recipe) => StructureHash.Hex(Encoding.UTF8.GetBytes(RecipeFile.PrintChanges(recipe)));

    private static void RequireEqual(string path, string what, string found, string expected)
    {
        if (found != expected)
            throw Invalid(path, $"{what} {found}", expected);
    }

    // Each engine rounds in its own order: going on with another one would not give what an uninterrupted run gives.
    private static void RequireEngine(string path, string found, string expected)
    {
        if (found != expected)
        {
            throw new SubpException(
                DiagnosticDescriptors.CheckpointOfAnotherEngine,
                path,
                $"a checkpoint of the engine '{found}'",
                $"one of the engine '{expected}'",
                $"Resume with --engine {found}, or start a new run in another folder."
            );
        }
    }

    private static SubpException Invalid(string path, string found, string expected) =>
        new(
            DiagnosticDescriptors.CheckpointInvalid,
            path,
            found,
            expected,
            "Resume with the recipe in the run folder, or start a new run."
        );

    private static void WriteRandom(BinaryWriter writer, DeterministicRandom random)
    {
        foreach (ulong word in random.SaveState())
            writer.Write(word);
    }

    private static void ReadRandom(BinaryReader reader, DeterministicRandom random) =>
        random.RestoreState([reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64()]);

    private static void WriteFloats(BinaryWriter writer, ReadOnlySpan<float> values)
    {
        foreach (float value in values)
            writer.Write(value);
    }

    private static float[] ReadFloats(BinaryReader reader, int count)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = reader.ReadSingle();

        return values;
    }

    private static void WriteEpoch(BinaryWriter writer, EpochSummary epoch)
    {
        writer.Write(epoch.Epoch);
        writer.Write(epoch.LearningRate);
        writer.Write(epoch.TrainLoss);
        writer.Write(epoch.TrainAccuracy);
        writer.Write(epoch.TestAccuracy);
        writer.Write(epoch.TestLoss);
        writer.Write(epoch.TestTopFive);
        writer.Write(epoch.Sparsity);
        writer.Write(epoch.Seconds);
        foreach (var layer in epoch.Layers)
        {
            writer.Write(layer.Layer);
            writer.Write(layer.Groups);
            writer.Write(layer.InputChannels);
            writer.Write(layer.KeptBlocks);
            writer.Write(layer.ChangedBlocks);
        }
    }

    private static void WritePartial(BinaryWriter writer, PartialEpoch? partial, MaskState masks)
    {
        writer.Write(partial is not null);
        if (partial is null)
            return;

        foreach (ulong word in partial.Order)
            writer.Write(word);

        writer.Write(partial.Position);
        writer.Write(partial.Steps);
        writer.Write(partial.Loss);
        writer.Write(partial.Correct);
        writer.Write(partial.Seconds);
        foreach (int changed in masks.Changed)
            writer.Write(changed);
    }

    private static PartialEpoch? ReadPartial(BinaryReader reader) =>
        !reader.ReadBoolean()
            ? null
            : new PartialEpoch([reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64()])
            {
                Position = reader.ReadInt32(),
                Steps = reader.ReadInt32(),
                Loss = reader.ReadDouble(),
                Correct = reader.ReadInt32(),
                Seconds = reader.ReadDouble(),
            };

    private static EpochSummary ReadEpoch(BinaryReader reader, int layers)
    {
        var epoch = new EpochSummary(
            reader.ReadInt32(),
            reader.ReadDouble(),
            reader.ReadDouble(),
            reader.ReadDouble(),
            reader.ReadDouble(),
            reader.ReadDouble(),
            reader.ReadDouble(),
            reader.ReadDouble(),
            reader.ReadDouble(),
            []
        );
        var lines = new List<LayerSparsity>();
        for (int i = 0; i < layers; i++)
        {
            lines.Add(
                new LayerSparsity(reader.ReadString(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32())
            );
        }

        return epoch with
        {
            Layers = lines,
        };
    }
}
