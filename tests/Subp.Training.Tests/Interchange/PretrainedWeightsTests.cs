using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Weights;
using Subp.Training.Interchange;
using Subp.Training.Interchange.Networks;
using Subp.Training.Interchange.StateDict;
using Subp.Training.Models;

namespace Subp.Training.Tests.Interchange;

/// <summary>Weights of PyTorch in the networks of the zoo, and back.</summary>
public class PretrainedWeightsTests
{
    private const int Pixels = 32;

    [Fact]
    public void A_ResNet18_of_PyTorch_computes_what_it_computes_in_PyTorch()
    {
        var state = PyTorchFiles.Read("resnet18-w4.pth");
        Assert.Equal("resnet18", NetworkRecognition.Recognise(state));
        var model = PretrainedWeights.Load(state, NetworkRecognition.Build("resnet18", state, height: Pixels, width: Pixels)).ToModel();
        AssertAgrees(model);
    }

    [Theory]
    [InlineData(StateDictionaryFormat.Pth)]
    [InlineData(StateDictionaryFormat.Safetensors)]
    public void Weights_that_are_written_for_PyTorch_come_back_bit_by_bit(StateDictionaryFormat format)
    {
        var state = PyTorchFiles.Read("resnet18-w4.pth");
        var graph = NetworkRecognition.Build("resnet18", state, height: Pixels, width: Pixels);
        var weights = PretrainedWeights.Load(state, graph);
        byte[] written = StateDictionaryFile.Write(StateDictionaryExport.Tensors(weights.ToModel()), format);

        var again = StateDictionaryFile.Read(written, "again");
        Assert.Equal("resnet18", NetworkRecognition.Recognise(again));
        var stored = PretrainedWeights.Load(again, graph).Stored;
        Assert.All(graph.Parameters, parameter => Assert.Equal(weights.Stored[parameter.Name].Values, stored[parameter.Name].Values));
    }

    [Fact]
    public void A_checkpoint_of_SUBP_gives_its_weights_and_masks()
    {
        var state = PyTorchFiles.Read("resnet18-w4-subp.pth.tar");
        Assert.Equal("resnet18", NetworkRecognition.Recognise(state));
        var weights = PretrainedWeights.Load(state, NetworkRecognition.Build("resnet18", state));
        Assert.Equal(16, weights.Masks.Count);
        Assert.All(
            weights.Masks.Values,
            masked =>
            {
                Assert.Equal(4, masked.Grid.BlockLength);
                int kept = masked.Grid.InputChannels - (int)(60.0 / 128 * masked.Grid.InputChannels);
                Assert.All(Enumerable.Range(0, masked.Grid.Groups), group => Assert.Equal(kept, masked.Mask.KeptInGroup(group)));
            }
        );

        var model = weights.ToModel();
        foreach (var (name, masked) in weights.Masks)
        {
            Assert.Equal(masked.Mask.KeptBlocks, model.Graph.Parameter(name).Pattern!.KeptBlocks);
            // What is stored keeps the pruned weights; the model does not.
            int pruned = (masked.Grid.Groups * masked.Grid.InputChannels - masked.Mask.KeptBlocks) * masked.Grid.BlockValues;
            Assert.Equal(pruned, model.Weights[name].Values.Count(value => value == 0));
            Assert.DoesNotContain(0f, weights.Stored[name].Values);
        }

        // The bundle's writer refuses weights that break their patterns.
        Assert.NotEmpty(ModelBundle.Write(model).Safetensors);
    }

    [Fact]
    public void Masks_are_written_beside_the_weights_where_they_are_asked_for()
    {
        var state = PyTorchFiles.Read("resnet18-w4-subp.pth.tar");
        var model = PretrainedWeights.Load(state, NetworkRecognition.Build("resnet18", state)).ToModel();
        var tensors = StateDictionaryExport.Tensors(model, withMasks: true);
        Assert.Equal(state.Find("layer3.0.conv1.mask")!.ToFloats(), tensors["layer3.0.conv1.mask"].Values);
        Assert.DoesNotContain(StateDictionaryExport.Tensors(model).Names, name => name.EndsWith("mask", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("resnet18", "resnet18")]
    [InlineData("resnet34", "resnet34")]
    [InlineData("resnet50", "resnet50")]
    [InlineData("vgg16-bn", "vgg16_bn")]
    public void The_names_and_shapes_are_those_of_torchvision(string name, string published)
    {
        var graph = ModelZoo.Build(name, new TensorShape(1, 3, 224, 224), 1000);
        var names = StateNames.Of(graph)!;
        string[] expected =
        [
            .. File.ReadLines(PyTorchFiles.Path("torchvision-names.txt"))
                .Where(line => line.StartsWith(published + ' ', StringComparison.Ordinal))
                .Select(line => line[(published.Length + 1)..])
                .Order(StringComparer.Ordinal),
        ];
        Assert.Equal(
            expected,
            graph
                .Parameters.Select(parameter => $"{names[parameter.Name][0]} {string.Join('x', parameter.Shape.Dimensions)}")
                .Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData(
        "mobilenet-v1",
        "conv1.0.weight",
        "conv1.1.running_var",
        "features.0.0.weight",
        "features.12.3.weight",
        "features.12.4.bias",
        "fc.bias"
    )]
    // torchvision's, by hand: a block without expansion, one with a residual, the last unit and the classifier behind its dropout.
    [InlineData(
        "mobilenet-v2",
        "features.0.0.weight",
        "features.0.1.running_mean",
        "features.1.conv.0.0.weight",
        "features.1.conv.0.1.weight",
        "features.1.conv.1.weight",
        "features.1.conv.2.running_var",
        "features.2.conv.0.0.weight",
        "features.2.conv.1.0.weight",
        "features.17.conv.1.1.bias",
        "features.17.conv.2.weight",
        "features.17.conv.3.bias",
        "features.18.0.weight",
        "features.18.1.bias",
        "classifier.1.bias"
    )]
    [InlineData("cifar-resnet20", "conv1.weight", "bn1.weight", "layer1.0.conv1.weight", "layer3.2.bn2.running_mean", "linear.weight")]
    [InlineData(
        "fashion-resnet8",
        "conv1.weight",
        "layer2.0.downsample.0.weight",
        "layer2.0.downsample.1.bias",
        "layer3.0.bn2.bias",
        "fc.weight"
    )]
    public void Networks_have_the_names_of_torchvision_or_of_their_re_implementations(string name, params string[] expected)
    {
        var names = StateNames.Of(ZooNetwork.Build(name, ZooExtents.Published))!.Values.Select(alternatives => alternatives[0]).ToArray();
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.All(expected, one => Assert.Contains(one, names));
    }

    [Fact]
    public void Every_network_is_recognised_from_what_is_written_of_it_and_comes_back()
    {
        foreach (string name in NetworkRecognition.Networks.Where(name => name != "vgg16-bn"))
        {
            var graph = ZooNetwork.Build(name, ZooExtents.Published);
            var model = new Model(graph, WeightInitializer.Initialize(graph, 1));
            var state = StateDictionaryFile.Read(
                StateDictionaryFile.Write(StateDictionaryExport.Tensors(model), StateDictionaryFormat.Pth),
                name
            );
            Assert.Equal(name, NetworkRecognition.Recognise(state));
            Assert.Equal(graph.Parameters, NetworkRecognition.Build(name, state).Parameters);
        }
    }

    [Fact]
    public void Names_and_shapes_that_do_not_fit_are_listed_with_the_nearest_names()
    {
        var state = PyTorchFiles.Read("resnet18-w4.pth");
        var changed = new WeightSet();
        foreach (var tensor in state.Tensors.Where(tensor => tensor.Shape.Count > 0))
            changed[tensor.Name.Replace("layer1.0.bn1.weight", "layer1.0.bn.weight", StringComparison.Ordinal)] = new WeightTensor(
                new TensorShape([.. tensor.Shape.Select(dimension => (int)dimension)]),
                tensor.ToFloats()
            );
        var file = StateDictionaryFile.Read(StateDictionaryFile.Write(changed, StateDictionaryFormat.Safetensors), "net.safetensors");
        var graph = ModelZoo.Build("resnet18", new TensorShape(1, 3, Pixels, Pixels), 10, width: 4);

        var refusal = Assert.Throws<SubpException>(() => PretrainedWeights.Load(file, graph)).Diagnostic;
        Assert.Equal("SUBP0563", refusal.Descriptor.Id);
        Assert.Equal(
            "'fc.weight' of shape [5,32] instead of [10,32]; 'fc.bias' of shape [5] instead of [10]; "
                + "no 'layer1.0.bn1.weight' (nearest: 'layer1.0.bn.weight'); 'layer1.0.bn.weight' too many (nearest: "
                + "'layer1.0.bn1.weight')",
            refusal.Found
        );
        Assert.Equal("SUBP0564", Assert.Throws<SubpException>(() => NetworkRecognition.Recognise(file)).Diagnostic.Descriptor.Id);
        Assert.Equal("SUBP0564", Assert.Throws<SubpException>(() => NetworkRecognition.Build("resnet81", file)).Diagnostic.Descriptor.Id);
    }

    [Theory]
    [InlineData(0, 0.5f, "the value 0.5")]
    [InlineData(0, 0f, "a part is pruned")]
    [InlineData(-1, 0f, "next to each other")]
    public void A_mask_that_is_not_one_of_blocks_is_refused(int index, float value, string found)
    {
        var state = PyTorchFiles.Read("resnet18-w4-subp.pth.tar");
        var changed = new WeightSet();
        foreach (var tensor in state.Tensors.Where(tensor => tensor.Shape.Count > 0))
        {
            float[] values = tensor.ToFloats();
            if (tensor.Name == "layer2.0.conv2.mask")
            {
                if (index >= 0)
                    values[Array.IndexOf(values, 1f) + index] = value;
                else
                    values.AsSpan(Array.IndexOf(values, 1f) / 9 * 9, 9).Fill(value);
            }

            changed[tensor.Name] = new WeightTensor(new TensorShape([.. tensor.Shape.Select(dimension => (int)dimension)]), values);
        }

        var file = StateDictionaryFile.Read(StateDictionaryFile.Write(changed, StateDictionaryFormat.Pth), "net.pth");
        var refusal = Assert
            .Throws<SubpException>(() => PretrainedWeights.Load(file, NetworkRecognition.Build("resnet18", file)))
            .Diagnostic;
        Assert.Equal("SUBP0565", refusal.Descriptor.Id);
        Assert.Contains("layer2.0.conv2.mask", refusal.Location, StringComparison.Ordinal);
        Assert.Contains(found, refusal.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_is_not_of_the_zoo_is_not_written_for_PyTorch()
    {
        var builder = new GraphBuilder("other");
        builder.Output(builder.Linear("fc", builder.Input("x", new TensorShape(1, 4)), 2));
        var graph = builder.Build();
        var model = new Model(graph, WeightInitializer.Initialize(graph, 1));
        Assert.Equal("SUBP0566", Assert.Throws<SubpException>(() => StateDictionaryExport.Tensors(model)).Diagnostic.Descriptor.Id);
    }

    internal static void AssertAgrees(Model model)
    {
        var (input, expected) = PyTorchFiles.Expected("resnet18-w4.expected", 3 * Pixels * Pixels);
        var output = new float[expected.Length];
        new ReferenceInterpreter(model).Run(input, output);
        float largest = expected.Max(Math.Abs);
        Assert.All(expected.Zip(output), pair => Assert.Equal(pair.First, pair.Second, 1e-4f * largest));
    }
}
